import type { NumbersTable } from '../../ui/figure/csv';
import { handAt, handDegrees } from './hand';
import type { LaneTables } from './ropeLanes';

/** A row for each pair: angle, cos and sin in every lane, at one position. */
export function dialNumbers(lanes: readonly LaneTables[], position: number): NumbersTable {
  return {
    caption: `Angle in degrees from −180 to 180, cos and sin at position ${position}`,
    columns: [
      'position',
      'pair',
      ...lanes.flatMap(({ name }) => [`${name}: angle`, `${name}: cos`, `${name}: sin`]),
    ],
    rowCount: lanes[0]?.tables.pairs ?? 0,
    row: (pair) => [
      position,
      pair,
      ...lanes.flatMap(({ tables }) => {
        const hand = handAt(tables, pair, position);
        return [handDegrees(hand), ...hand];
      }),
    ],
  };
}
