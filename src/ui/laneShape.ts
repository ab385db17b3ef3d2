/** In units of the radius of a circle that looks as large. */
export type Corner = readonly [x: number, y: number];

/** What tells a lane from others, so that colour never stands alone. */
export interface LaneShape {
  /** As a letter of text. */
  readonly sign: string;
  /** As an outline round the origin; null is the circle. */
  readonly corners: readonly Corner[] | null;
}

const TURN = 2 * Math.PI;

const around = (corners: number, radius: (i: number) => number, start = -TURN / 4): Corner[] =>
  Array.from({ length: corners }, (_, i) => {
    const angle = start + (i * TURN) / corners;
    return [radius(i) * Math.cos(angle), radius(i) * Math.sin(angle)];
  });

const ARM = 0.4;
const CROSS: readonly Corner[] = [
  [-ARM, -1.15],
  [ARM, -1.15],
  [ARM, -ARM],
  [1.15, -ARM],
  [1.15, ARM],
  [ARM, ARM],
  [ARM, 1.15],
  [-ARM, 1.15],
  [-ARM, ARM],
  [-1.15, ARM],
  [-1.15, -ARM],
  [-ARM, -ARM],
];

const CIRCLE: LaneShape = { sign: '●', corners: null };

const SHAPES: readonly LaneShape[] = [
  CIRCLE,
  { sign: '▲', corners: around(3, () => 1.35) },
  { sign: '■', corners: around(4, () => 1.3, TURN / 8) },
  { sign: '◆', corners: around(4, () => 1.35) },
  { sign: '▼', corners: around(3, () => 1.35, TURN / 4) },
  { sign: '✚', corners: CROSS },
  { sign: '★', corners: around(10, (i) => (i % 2 === 0 ? 1.5 : 0.65)) },
  { sign: '⬟', corners: around(5, () => 1.25) },
];

/** Another shape for each of eight lanes. */
export function laneShape(lane: number): LaneShape {
  return SHAPES[lane % SHAPES.length] ?? CIRCLE;
}
