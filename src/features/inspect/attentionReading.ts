import type { AttentionMap } from '../../protocol/inspection';
import type { NumbersTable } from '../../ui/figure/csv';
import type { HeatmapCell, HeatmapDrawing } from '../../ui/figure/heatmapDrawing';
import { numberText } from '../../ui/figure/numberText';
import type { InspectedLane } from './inspectedRun';

/** One head's weights in every lane. */
export interface HeadAttention {
  readonly layer: number;
  readonly head: number;
  /** One per lane of the run. */
  readonly maps: readonly AttentionMap[];
}

/** Of one lane's row: what a query gives to the positions up to its own. */
export interface RowReading {
  readonly query: number;
  readonly key: number;
  /** Null for a key after its query, which causal attention leaves out. */
  readonly weight: number | null;
  /** Of the row: 1, up to rounding. NaN if the row is not a number. */
  readonly sum: number;
  /** The key with the largest weight, the earliest of equals; null if the row is not a number. */
  readonly strongest: number | null;
}

/** Query × key, from 0 to 1 in every lane, so that lanes compare by colour. */
export function attentionDrawing(map: AttentionMap, title: string): HeatmapDrawing {
  return {
    title,
    rows: { name: 'query', count: map.positions },
    columns: { name: 'key', count: map.positions },
    values: map.weights,
    scale: { kind: 'sequential', domain: [0, 1] },
    filled: (query) => query + 1,
  };
}

/** The cell of a map nearest to a cell of another lane, whose text may be longer. */
export function nearestCell({ positions }: AttentionMap, { row, column }: HeatmapCell) {
  return { row: Math.min(row, positions - 1), column: Math.min(column, positions - 1) };
}

export function readRow({ positions, weights }: AttentionMap, cell: HeatmapCell): RowReading {
  const { row: query, column: key } = cell;
  const row = weights.subarray(query * positions, query * positions + query + 1);
  const sum = row.reduce((total, weight) => total + weight, 0);
  const largest = row.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const strongest = row.indexOf(largest);
  return {
    query,
    key,
    weight: row[key] ?? null,
    sum,
    strongest: strongest < 0 ? null : strongest,
  };
}

/** One lane's row in words: weight, where most of it goes, and sum. */
export function rowText(
  { query, key, weight, sum, strongest }: RowReading,
  token: (position: number) => string,
): string {
  const asks = `query ${query} ${token(query)}`;
  if (Number.isNaN(sum)) return `${asks} gives NaN, not a number, to every key`;
  const here =
    weight === null
      ? `gives nothing to key ${key}, which comes after it`
      : `gives ${weightText(weight)} to key ${key} ${token(key)}`;
  const most = strongest === null ? '' : `, most to key ${strongest} ${token(strongest)}`;
  return `${asks} ${here}${most}; the row sums to ${weightText(sum)}`;
}

/** The same for a lane that has not read so far. */
export function shortText({ positions }: AttentionMap, query: number): string {
  return `has read ${positions} tokens, so it has no query ${query}`;
}

/** Weights are float32: what is 1 up to their rounding is 1 in five digits. */
function weightText(weight: number): string {
  return numberText(weight, 5);
}

/** A row for each query and key that it may look at, a column for each lane. */
export function attentionNumbers(
  { layer, head, maps }: HeadAttention,
  lanes: readonly InspectedLane[],
): NumbersTable {
  const positions = Math.max(0, ...maps.map((map) => map.positions));
  return {
    caption: `Attention weights of layer ${layer}, head ${head}, by query and key`,
    columns: ['query', 'key', ...lanes.map(({ name }) => name)],
    rowCount: (positions * (positions + 1)) / 2,
    row: (index) => {
      const { query, key } = triangleCell(index);
      return [
        query,
        key,
        ...lanes.map(({ index: lane }) => {
          const map = maps[lane];
          if (map === undefined || query >= map.positions) return null;
          return map.weights[query * map.positions + key] ?? null;
        }),
      ];
    },
  };
}

/** The index-th place of a lower triangle, read row by row: (0, 0), (1, 0), (1, 1), (2, 0)… */
export function triangleCell(index: number): { readonly query: number; readonly key: number } {
  const guess = Math.floor((Math.sqrt(8 * index + 1) - 1) / 2);
  // The root of a large number may be rounded across a row's edge.
  const query = guess * (guess + 1) > 2 * index ? guess - 1 : guess;
  const key = index - (query * (query + 1)) / 2;
  return key > query ? { query: query + 1, key: 0 } : { query, key };
}
