import type { NumbersTable } from '../../ui/figure/csv';
import type { HeatmapCell, HeatmapDrawing } from '../../ui/figure/heatmapDrawing';
import { numberText } from '../../ui/figure/numberText';
import { symmetricDomain } from '../../ui/figure/colourScale';
import type { LaneTables } from './ropeLanes';

/** Which of the two tables. */
export type TableName = 'cos' | 'sin';

/** Two lanes' tables and their difference, `other − reference`. */
export interface TablePair {
  readonly table: TableName;
  readonly reference: LaneTables;
  readonly other: LaneTables;
  /** [positions, pairs] */
  readonly difference: Float32Array;
}

export function comparedTables(
  table: TableName,
  reference: LaneTables,
  other: LaneTables,
): TablePair {
  const a = reference.tables[table];
  const b = other.tables[table];
  return {
    table,
    reference,
    other,
    difference: b.map((value, cell) => value - (a[cell] ?? Number.NaN)),
  };
}

/** The three heatmaps. */
export function tableDrawings({ table, reference, other, difference }: TablePair) {
  const { positions, pairs } = reference.tables;
  const axes = {
    rows: { name: 'position', count: positions },
    columns: { name: 'pair', count: pairs },
  };
  const largest = Math.max(1, reference.attentionFactor, other.attentionFactor);
  const ofLane = ({ name, tables }: LaneTables): HeatmapDrawing => ({
    ...axes,
    title: `${table}, ${name}`,
    values: tables[table],
    scale: { kind: 'diverging', domain: [-largest, largest] },
  });
  const ofDifference: HeatmapDrawing = {
    ...axes,
    title: 'Difference: second − first',
    values: difference,
    scale: { kind: 'diverging', domain: symmetricDomain(difference) },
  };
  return [ofLane(reference), ofLane(other), ofDifference] as const;
}

/** What is under the cursor, as a sentence. */
export function tableReading(pair: TablePair, { row, column }: HeatmapCell): string {
  const { table, reference, other, difference } = pair;
  const cell = row * reference.tables.pairs + column;
  const of = (values: Float32Array) => numberText(values[cell] ?? Number.NaN);
  return (
    `Position ${row}, pair ${column}: ${table} is ${of(reference.tables[table])} in ${reference.name}, ` +
    `${of(other.tables[table])} in ${other.name}; difference ${of(difference)}.`
  );
}

/** What row 0 says of both lanes: where nothing has turned, cos is 1 (or the attention factor) and sin 0. Counted, not assumed. */
export function rowZeroReading({ reference, other }: TablePair): string {
  const lanes = [reference, other];
  const turned = lanes.filter((lane) => !isUnturned(lane));
  if (turned.length === 0) {
    const ones = [...new Set(lanes.map(({ attentionFactor }) => numberText(attentionFactor)))];
    return `Position 0: cos is exactly ${ones.join(' or ')} and sin exactly 0 in both lanes, for every pair.`;
  }
  const names = [...new Set(turned.map(({ name }) => name))].join(' and ');
  return `Position 0: cos ${numberText(reference.attentionFactor)} and sin 0 do not hold in every pair of ${names}.`;
}

function isUnturned({ tables, attentionFactor }: LaneTables): boolean {
  const { cos, sin, pairs } = tables;
  const unturned = Math.fround(attentionFactor);
  return (
    cos.subarray(0, pairs).every((entry) => entry === unturned) &&
    sin.subarray(0, pairs).every((entry) => entry === 0)
  );
}

/** A row for each cell of the tables. */
export function tableNumbers({ table, reference, other, difference }: TablePair): NumbersTable {
  const { positions, pairs } = reference.tables;
  const a = reference.tables[table];
  const b = other.tables[table];
  return {
    caption: `${table} by position and pair`,
    columns: [
      'position',
      'pair',
      `${table}: ${reference.name}`,
      `${table}: ${other.name}`,
      'difference',
    ],
    rowCount: positions * pairs,
    row: (cell) => [
      Math.floor(cell / pairs),
      cell % pairs,
      a[cell] ?? null,
      b[cell] ?? null,
      difference[cell] ?? null,
    ],
  };
}
