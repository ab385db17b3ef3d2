import type { CapturedTensor, CaptureStage, TensorDifference } from '../../protocol/inspection';
import { domainFromZero } from '../../ui/figure/colourScale';
import type { NumbersTable } from '../../ui/figure/csv';
import type { HeatmapCell, HeatmapDrawing } from '../../ui/figure/heatmapDrawing';
import { valueAt } from '../../ui/figure/heatmapDrawing';
import { numberText } from '../../ui/figure/numberText';
import { TEXTS_PART } from './inspectedRun';

/** What is compared, and the answer. */
export interface LaneDifference {
  readonly lane: number;
  readonly tensor: CapturedTensor;
  readonly stage: CaptureStage;
  readonly difference: TensorDifference;
}

/** The rows of the map: every layer, the largest over its heads; or the heads of one layer. */
export type Rows = 'layers' | { readonly headsOf: number };

/** "queries after the rotation" */
export function tensorName(tensor: CapturedTensor, stage: CaptureStage): string {
  return `${tensor === 'query' ? 'queries' : 'keys'} ${stage} the rotation`;
}

/**
 * Rows × positions. Both kinds of rows share one scale, so that a head can be found in its layer's colour.
 * @param partAt the first position at which the two lanes have read different texts, which is marked
 */
export function differenceDrawing(
  { tensor, stage, difference }: LaneDifference,
  rows: Rows,
  name: string,
  partAt: number | null,
): HeatmapDrawing {
  const { layers, heads, positions, perHead, overHeads } = difference;
  const title = `max |Δ| of ${tensorName(tensor, stage)}, ${name}`;
  const columns = { name: 'position', count: positions };
  const scale = { kind: 'sequential', domain: domainFromZero(overHeads) } as const;
  const marks = partAt === null ? [] : [{ column: partAt, label: TEXTS_PART }];
  if (rows === 'layers') {
    const layerRows = { name: 'layer', count: layers };
    return { title, rows: layerRows, columns, values: overHeads, scale, marks };
  }
  const size = heads * positions;
  return {
    title: `${title}, layer ${rows.headsOf}`,
    rows: { name: tensor === 'query' ? 'head' : 'key head', count: heads },
    columns,
    values: perHead.subarray(rows.headsOf * size, (rows.headsOf + 1) * size),
    scale,
    marks,
  };
}
/**
 * What is under the cursor, as a sentence.
 * @param token what the healthy lane has read there
 * @param own what the lane has read there
 */
export function differenceReading(
  { tensor, stage }: LaneDifference,
  drawing: HeatmapDrawing,
  rows: Rows,
  cell: HeatmapCell,
  [token, own]: readonly [string, string],
): string {
  const value = valueAt(drawing, cell);
  const row = rows === 'layers' ? `Layer ${cell.row}` : `Layer ${rows.headsOf}, head ${cell.row}`;
  const read = token === own ? token : `${token} when healthy, ${own} in this lane`;
  const over = rows === 'layers' ? ', over all heads' : '';
  return (
    `${row}, position ${cell.column}, ${read}: ` +
    `max |Δ| of ${tensorName(tensor, stage)}${over} is ${differenceText(value)}.`
  );
}

/** Zero is said to be exact, because here it is: no rounding stands between two equal computations. */
export function differenceText(value: number | null): string {
  if (value === null) return 'not known';
  if (value === 0) return 'exactly 0';
  return Number.isNaN(value) ? 'NaN, not a number' : numberText(value);
}

/** Whether the two lanes have read the same text, as a sentence. */
export function textsReading(partAt: number | null): string {
  return partAt === null
    ? 'Both lanes have read the same text, so every difference here comes from the rotation.'
    : `From position ${partAt} on the two lanes have read different texts, so what lies right of the mark differs for that reason too; a teacher-forced run keeps the text the same.`;
}

/** A row for each cell of the map. */
export function differenceNumbers(
  { tensor, stage }: LaneDifference,
  { rows, columns, values }: HeatmapDrawing,
  tokens: (position: number) => readonly [string, string],
): NumbersTable {
  return {
    caption: `max |Δ| of ${tensorName(tensor, stage)} by ${rows.name} and position`,
    columns: [rows.name, 'position', 'healthy token', 'token of the lane', 'max |Δ|'],
    rowCount: rows.count * columns.count,
    row: (cell) => {
      const position = cell % columns.count;
      return [
        Math.floor(cell / columns.count),
        position,
        ...tokens(position),
        values[cell] ?? null,
      ];
    },
  };
}
