import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { colourRun } from './colourScale';
import { cellPixels, type HeatmapDrawing, valueAt } from './heatmapDrawing';
import { cellAfterKey, cellAt, cellBox, heatmapLayout, tickPlaces } from './heatmapLayout';

const drawing: HeatmapDrawing = {
  title: 'Test',
  rows: { name: 'query', count: 2 },
  columns: { name: 'key', count: 2 },
  values: Float32Array.of(0, 9, Number.NaN, 1),
  scale: { kind: 'sequential', domain: [0, 1] },
  filled: (row) => row + 1,
};
const run = colourRun([
  [0, 0, 0],
  [255, 255, 255],
]);

describe('cellPixels', () => {
  it('gives each cell its colour, lets NaN through, and leaves places without a value empty', () => {
    const { bytes, nan } = cellPixels(drawing, run, [1, 2, 3]);
    expect([...bytes]).toEqual([0, 0, 0, 255, 1, 2, 3, 255, 0, 0, 0, 0, 255, 255, 255, 255]);
    expect(nan).toBe(true);
  });

  it('does not mind NaN where there is no value', () => {
    const values = Float32Array.of(0, Number.NaN, 1, 1);
    expect(cellPixels({ ...drawing, values }, run, [1, 2, 3]).nan).toBe(false);
  });

  it('takes 512 × 768 cells', () => {
    const large = {
      ...drawing,
      rows: { name: 'position', count: 512 },
      columns: { name: 'column', count: 768 },
      values: new Float32Array(512 * 768).fill(0.5),
    };
    expect(cellPixels(large, run, [1, 2, 3]).bytes).toHaveLength(4 * 512 * 768);
  });
});

it('reads a value, NaN as NaN, and null where there is none', () => {
  expect(valueAt(drawing, { row: 1, column: 1 })).toBe(1);
  expect(valueAt(drawing, { row: 1, column: 0 })).toBeNaN();
  expect(valueAt(drawing, { row: 0, column: 1 })).toBeNull();
});

const shape = fc.record({
  width: fc.integer({ min: 80, max: 1400 }),
  height: fc.integer({ min: 120, max: 800 }),
  rows: fc.integer({ min: 1, max: 512 }),
  columns: fc.integer({ min: 1, max: 768 }),
});

describe('layout', () => {
  it('finds the cell in whose box a point lies', () => {
    fc.assert(
      fc.property(shape, fc.nat(), fc.nat(), ({ width, height, rows, columns }, r, c) => {
        const layout = heatmapLayout(width, height);
        const sized = {
          ...drawing,
          rows: { name: 'row', count: rows },
          columns: { name: 'column', count: columns },
        };
        const cell = { row: r % rows, column: c % columns };
        const box = cellBox(layout, sized, cell);
        const middle = [box.x + box.width / 2, box.y + box.height / 2] as const;
        expect(cellAt(layout, sized, ...middle)).toEqual(cell);
        expect(box.x + box.width).toBeLessThanOrEqual(width);
        expect(box.y + box.height).toBeLessThanOrEqual(height);
      }),
    );
  });

  it('takes the nearest cell for a point outside', () => {
    expect(cellAt(heatmapLayout(400, 300), drawing, -50, 9999)).toEqual({ row: 1, column: 0 });
  });

  it('labels no more places than fit, from 0 on', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2000 }),
        fc.integer({ min: 20, max: 1500 }),
        (n, px) => {
          const ticks = tickPlaces(n, px, 34);
          expect(ticks[0]).toBe(0);
          expect(ticks.at(-1)).toBeLessThan(n);
          expect(ticks.length).toBeLessThanOrEqual(Math.max(1, Math.floor(px / 34)));
        },
      ),
    );
    expect(tickPlaces(32, 240, 34)).toEqual([0, 5, 10, 15, 20, 25, 30]);
  });
});

describe('cellAfterKey', () => {
  it('stays within the cells', () => {
    const keys = [
      'ArrowLeft',
      'ArrowRight',
      'ArrowUp',
      'ArrowDown',
      'Home',
      'End',
      'PageUp',
      'PageDown',
    ];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...keys)), (pressed) => {
        let cell = { row: 0, column: 0 };
        for (const key of pressed) cell = cellAfterKey(key, cell, 16, 3) ?? cell;
        expect(cell.row).toBeGreaterThanOrEqual(0);
        expect(cell.row).toBeLessThan(16);
        expect(cell.column).toBeLessThan(3);
      }),
    );
    expect(cellAfterKey('PageDown', { row: 0, column: 1 }, 16, 3)).toEqual({ row: 2, column: 1 });
  });

  it('leaves other keys to the page', () => {
    expect(cellAfterKey('Tab', { row: 0, column: 0 }, 4, 4)).toBeNull();
  });
});
