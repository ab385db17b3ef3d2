/** A token's place: its lane and its step, both from 0. */
export interface Place {
  readonly lane: number;
  readonly step: number;
}

/** The lane of the place if it stands at this step. */
export function sameLane({ lane, step }: Place, at: number): number | null {
  return step === at ? lane : null;
}

/**
 * Where a key leads from a token, or null if it leads nowhere.
 * @param lengths tokens of each lane
 */
export function placeAfterKey(
  key: string,
  { lane, step }: Place,
  lengths: readonly number[],
): Place | null {
  const inLane = (row: number, column: number): Place | null => {
    const length = lengths[row];
    if (length === undefined || length === 0) return null;
    return { lane: row, step: Math.min(Math.max(column, 0), length - 1) };
  };
  const toLane = (by: -1 | 1): Place | null => {
    let row = lane + by;
    while (lengths[row] === 0) row += by;
    return inLane(row, step);
  };
  switch (key) {
    case 'ArrowLeft':
      return inLane(lane, step - 1);
    case 'ArrowRight':
      return inLane(lane, step + 1);
    case 'ArrowUp':
      return toLane(-1);
    case 'ArrowDown':
      return toLane(1);
    case 'Home':
      return inLane(lane, 0);
    case 'End':
      return inLane(lane, Number.POSITIVE_INFINITY);
    default:
      return null;
  }
}
