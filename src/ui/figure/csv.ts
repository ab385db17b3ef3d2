/** A cell of a table of numbers. Null is an empty cell. */
export type Cell = string | number | null;

/** A table that is too long to be built at once: rows are asked for one by one. */
export interface NumbersTable {
  /** What the rows are, in a phrase. */
  readonly caption: string;
  readonly columns: readonly string[];
  readonly rowCount: number;
  /** As long as `columns`; 0 ≤ index < rowCount. */
  readonly row: (index: number) => readonly Cell[];
}

/** A spreadsheet takes text that begins so for a formula (OWASP, CSV Injection). */
const FORMULA = /^[=+\-@\t\r]/;

/**
 * The table as CSV: RFC 4180, lines end in CRLF, a header line first. Numbers are written as JavaScript writes them,
 * in full, NaN and Infinity by name; text that a spreadsheet would run as a formula is kept text by an apostrophe.
 */
export function csvText({ columns, rowCount, row }: NumbersTable): string {
  const lines = [columns.map(csvCell).join(',')];
  for (let i = 0; i < rowCount; i++) lines.push(row(i).map(csvCell).join(','));
  lines.push('');
  return lines.join('\r\n');
}

function csvCell(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return String(cell);
  const text = FORMULA.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
