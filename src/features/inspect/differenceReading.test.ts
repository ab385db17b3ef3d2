import { describe, expect, it } from 'vitest';
import {
  differenceDrawing,
  differenceNumbers,
  differenceReading,
  differenceText,
  type LaneDifference,
  textsReading,
} from './differenceReading';

/** Two layers of two heads at three positions; position 0 is equal. */
const SHOWN: LaneDifference = {
  lane: 1,
  tensor: 'query',
  stage: 'after',
  difference: {
    layers: 2,
    heads: 2,
    positions: 3,
    perHead: Float32Array.of(0, 1, 2, 0, 3, 1, 0, 0.5, Number.NaN, 0, 0.25, 8),
    overHeads: Float32Array.of(0, 3, 2, 0, 0.5, Number.NaN),
  },
};

describe('differences of q and k', () => {
  it('are drawn layer by layer, or head by head on the same scale', () => {
    const layers = differenceDrawing(SHOWN, 'layers', 'lost', null);
    expect(layers.rows).toEqual({ name: 'layer', count: 2 });
    const heads = differenceDrawing(SHOWN, { headsOf: 1 }, 'lost', null);
    expect(heads.title).toBe('max |Δ| of queries after the rotation, lost, layer 1');
    expect([...Array.from(heads.values)]).toEqual([0, 0.5, Number.NaN, 0, 0.25, 8]);
    expect(heads.scale).toEqual(layers.scale);
    expect(layers.scale.domain).toEqual([0, 3]);
  });

  it('are marked where the texts part, in the drawing itself', () => {
    for (const rows of ['layers', { headsOf: 1 }] as const) {
      expect(differenceDrawing(SHOWN, rows, 'lost', 2).marks).toEqual([
        { column: 2, label: 'texts part' },
      ]);
      expect(differenceDrawing(SHOWN, rows, 'lost', null).marks).toEqual([]);
    }
  });

  it('say that zero is exact and that NaN is not a number', () => {
    expect(differenceText(0)).toBe('exactly 0');
    expect(differenceText(1e-9)).toBe('1e-9');
    expect(differenceText(Number.NaN)).toBe('NaN, not a number');
  });

  it('are read with the tokens of both lanes', () => {
    const layers = differenceDrawing(SHOWN, 'layers', 'lost', null);
    const at = (column: number, tokens: readonly [string, string]) =>
      differenceReading(SHOWN, layers, 'layers', { row: 0, column }, tokens);
    expect(at(0, ['“The”', '“The”'])).toBe(
      'Layer 0, position 0, “The”: max |Δ| of queries after the rotation, over all heads is exactly 0.',
    );
    expect(at(1, ['“ a”', '“ b”'])).toContain('“ a” when healthy, “ b” in this lane');
  });

  it('are listed cell by cell', () => {
    const drawing = differenceDrawing(SHOWN, { headsOf: 0 }, 'lost', null);
    const numbers = differenceNumbers(SHOWN, drawing, () => ['a', 'b']);
    expect(numbers.rowCount).toBe(6);
    expect(numbers.columns).toHaveLength(numbers.row(0).length);
    expect(numbers.row(4)).toEqual([1, 1, 'a', 'b', 3]);
  });

  it('say where the texts part', () => {
    expect(textsReading(7)).toMatch(/^From position 7 on/);
    expect(textsReading(null)).toMatch(/^Both lanes have read the same text/);
  });
});
