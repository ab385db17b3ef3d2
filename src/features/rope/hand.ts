import type { RotaryTables } from '../../core/rope';

/** Where a hand points: cos and sin of its angle, as the table holds them; an attention factor makes it longer than 1. */
export type Hand = readonly [cos: number, sin: number];

/** The hand of a pair at a position. NaN where the table holds NaN, and beyond its last row. */
export function handAt({ cos, sin, pairs }: RotaryTables, pair: number, position: number): Hand {
  const cell = position * pairs + pair;
  return [cos[cell] ?? Number.NaN, sin[cell] ?? Number.NaN];
}

/**
 * The hand on its way between two positions, the short way round: what lies between two rows of a table is only shown
 * to the eye, never computed with.
 * @param position may have a fraction
 */
export function handBetween(tables: RotaryTables, pair: number, position: number): Hand {
  const before = Math.floor(position);
  const share = position - before;
  const from = handAt(tables, pair, before);
  if (share === 0) return from;
  const to = handAt(tables, pair, before + 1);
  const start = Math.atan2(from[1], from[0]);
  const turn = Math.atan2(from[0] * to[1] - from[1] * to[0], from[0] * to[0] + from[1] * to[1]);
  const angle = start + share * turn;
  const length = Math.hypot(...from);
  return [length * Math.cos(angle), length * Math.sin(angle)];
}

/** The angle of a hand in degrees, from −180 to 180, anticlockwise from 3 o'clock. */
export function handDegrees([cos, sin]: Hand): number {
  return (Math.atan2(sin, cos) * 180) / Math.PI;
}
