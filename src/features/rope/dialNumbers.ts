import type { NumbersTable } from '../../ui/figure/csv';
import { handAt, handDegrees } from './hand';
import type { LaneTables } from './ropeLanes';

/** A file of so many cells has about 20 MB, and is written within a second or two. */
const MOST_CELLS = 1_000_000;

/** A row for each pair: angle, cos and sin in every lane, at one position. */
export function dialNumbers(lanes: readonly LaneTables[], position: number): NumbersTable {
  const more = allDialNumbers(lanes) === null ? '' : '; the CSV has every position';
  return rowsFrom(lanes, position, 1, `at position ${position}${more}`);
}

/** The same at every position, position by position; null if that would be too much for one file. */
export function allDialNumbers(lanes: readonly LaneTables[]): NumbersTable | null {
  const positions = lanes[0]?.tables.positions ?? 0;
  const numbers = rowsFrom(lanes, 0, positions, `at positions 0 to ${positions - 1}`);
  return numbers.rowCount * numbers.columns.length > MOST_CELLS ? null : numbers;
}

function rowsFrom(
  lanes: readonly LaneTables[],
  first: number,
  positions: number,
  where: string,
): NumbersTable {
  const pairs = lanes[0]?.tables.pairs ?? 0;
  return {
    caption: `Angle in degrees from −180 to 180, cos and sin ${where}`,
    columns: [
      'position',
      'pair',
      ...lanes.flatMap(({ name }) => [`${name}: angle`, `${name}: cos`, `${name}: sin`]),
    ],
    rowCount: positions * pairs,
    row: (index) => {
      const position = first + Math.floor(index / pairs);
      const pair = index % pairs;
      return [
        position,
        pair,
        ...lanes.flatMap(({ tables }) => {
          const hand = handAt(tables, pair, position);
          return [handDegrees(hand), ...hand];
        }),
      ];
    },
  };
}
