import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Cell, csvText } from './csv';

const table = (columns: string[], rows: Cell[][]) =>
  csvText({ caption: '', columns, rowCount: rows.length, row: (i) => rows[i] ?? [] });

describe('csvText', () => {
  it('ends every line in CRLF and begins with the columns', () => {
    expect(table(['a', 'b'], [[1, null]])).toBe('a,b\r\n1,\r\n');
  });

  it('writes numbers in full, and what is no number by name', () => {
    const row = [0.1 + 0.2, -1e-45, Number.NaN, Number.NEGATIVE_INFINITY];
    expect(table(['a', 'b', 'c', 'd'], [row])).toContain(
      '0.30000000000000004,-1e-45,NaN,-Infinity\r\n',
    );
  });

  it('quotes commas, quotes and line breaks', () => {
    expect(table(['a, b', 'say "hi"', 'two\nlines'], [])).toBe(
      '"a, b","say ""hi""","two\nlines"\r\n',
    );
  });

  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1'])('keeps %j text', (text) => {
    expect(table([text], [])).toMatch(/^"?'/);
  });

  it('is read back by a parser of RFC 4180, whatever the text', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.string(), { minLength: 2, maxLength: 2 })), (rows) => {
        const harmless = rows.map((row) => row.map((text) => `x${text}`));
        expect(parse(table(['p', 'q'], harmless))).toEqual([['p', 'q'], ...harmless]);
      }),
    );
  });
});

function parse(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (const [, quoted, plain = '', end] of text.matchAll(
    /(?:"((?:[^"]|"")*)"|([^,\r\n]*))(,|\r\n)/g,
  )) {
    row.push(quoted?.replaceAll('""', '"') ?? plain);
    if (end === '\r\n') {
      rows.push(row);
      row = [];
    }
  }
  return rows;
}
