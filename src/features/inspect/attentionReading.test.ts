import { describe, expect, it } from 'vitest';
import type { AttentionMap } from '../../protocol/inspection';
import { valueAt } from '../../ui/figure/heatmapDrawing';
import {
  attentionDrawing,
  attentionNumbers,
  nearestCell,
  readRow,
  rowText,
  triangleCell,
} from './attentionReading';

/** Three positions; each row sums to 1. */
const MAP: AttentionMap = {
  positions: 3,
  weights: Float32Array.of(1, 0, 0, 0.25, 0.75, 0, 0.5, 0.125, 0.375),
};
const NOT_NUMBERS: AttentionMap = {
  positions: 2,
  weights: Float32Array.of(Number.NaN, 0, Number.NaN, Number.NaN),
};
const token = (position: number) => `“${'abc'[position] ?? ''}”`;

describe('a row of attention', () => {
  it('holds the weight of the key, the sum and the strongest key', () => {
    expect(readRow(MAP, { row: 2, column: 1 })).toEqual({
      query: 2,
      key: 1,
      weight: 0.125,
      sum: 1,
      strongest: 0,
    });
  });

  it('has no weight for a key after its query', () => {
    expect(readRow(MAP, { row: 1, column: 2 })).toMatchObject({ weight: null, sum: 1 });
    expect(rowText(readRow(MAP, { row: 1, column: 2 }), token)).toBe(
      'query 1 “b” gives nothing to key 2, which comes after it, most to key 1 “b”; the row sums to 1',
    );
  });

  it('says that NaN is not a number', () => {
    const row = readRow(NOT_NUMBERS, { row: 1, column: 0 });
    expect(row.strongest).toBeNull();
    expect(rowText(row, token)).toBe('query 1 “b” gives NaN, not a number, to every key');
  });

  it('is the nearest one where the lane has read less', () => {
    expect(nearestCell(NOT_NUMBERS, { row: 2, column: 1 })).toEqual({ row: 1, column: 1 });
  });
});

describe('the attention drawing', () => {
  it('has the same scale for every lane, and leaves keys after their query empty', () => {
    const drawing = attentionDrawing(MAP, 'a');
    expect(drawing.scale.domain).toEqual([0, 1]);
    expect(valueAt(drawing, { row: 0, column: 1 })).toBeNull();
    expect(valueAt(drawing, { row: 1, column: 1 })).toBe(0.75);
  });

  it('lists the lower triangle, with nothing where a lane has read less', () => {
    const lanes = [
      { index: 0, name: 'Healthy' },
      { index: 1, name: 'NaN' },
    ];
    const numbers = attentionNumbers({ layer: 0, head: 0, maps: [MAP, NOT_NUMBERS] }, lanes);
    expect(numbers.rowCount).toBe(6);
    expect(Array.from({ length: 6 }, (_, i) => numbers.row(i))).toEqual([
      [0, 0, 1, Number.NaN],
      [1, 0, 0.25, Number.NaN],
      [1, 1, 0.75, Number.NaN],
      [2, 0, 0.5, null],
      [2, 1, 0.125, null],
      [2, 2, 0.375, null],
    ]);
  });

  it('finds every place of a large triangle', () => {
    let index = 0;
    for (let query = 0; query < 600; query++) {
      for (let key = 0; key <= query; key++, index++) {
        if (key === 0 || key === query) expect(triangleCell(index)).toEqual({ query, key });
      }
    }
  });
});
