import type { HeadVectors } from './attention';

/**
 * max |Δ| between two lanes' queries or keys of one layer, per head and position.
 *
 * @param order where each of `lane`'s components stands in `reference`'s order; undefined if they agree (see
 *   `pairingOrder`)
 * @returns [heads, positions] over the positions that both have; NaN where either is not a number
 */
export function maxAbsDifference(
  reference: HeadVectors,
  lane: HeadVectors,
  order?: readonly number[],
): Float32Array {
  const { heads, headDim } = reference;
  const positions = Math.min(reference.positions, lane.positions);
  const largest = new Float32Array(heads * positions);
  for (let position = 0; position < positions; position++) {
    for (let head = 0; head < heads; head++) {
      const start = (position * heads + head) * headDim;
      let max = 0;
      for (let i = 0; i < headDim; i++) {
        const a = reference.values[start + (order?.[i] ?? i)] ?? Number.NaN;
        const b = lane.values[start + i] ?? Number.NaN;
        max = Math.max(max, Math.abs(a - b));
      }
      largest[head * positions + position] = max;
    }
  }
  return largest;
}

/** The largest over all heads: [heads, positions] to [positions]. NaN wins. */
export function maxOverHeads(perHead: Float32Array, heads: number): Float32Array {
  const positions = perHead.length / heads;
  const largest = new Float32Array(positions);
  for (let position = 0; position < positions; position++) {
    let max = 0;
    for (let head = 0; head < heads; head++) {
      max = Math.max(max, perHead[head * positions + position] ?? Number.NaN);
    }
    largest[position] = max;
  }
  return largest;
}
