import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inverseFrequencies, rotaryTables } from '../../core/rope';
import { dialCentre, dialGrid, pairAt } from './dialGrid';
import { handAt, handBetween, handDegrees } from './hand';
import { createInk, createPixels, drawHand, drawRing } from './handPixels';

describe('dialGrid', () => {
  const sizes = [fc.integer({ min: 1, max: 512 }), fc.integer({ min: 200, max: 1300 })] as const;

  it('fits every circle into the width, and finds it again', () => {
    fc.assert(
      fc.property(...sizes, fc.nat(), (pairs, width, any) => {
        const grid = dialGrid(pairs, width);
        const pair = any % pairs;
        const [x, y] = dialCentre(grid, pair);
        expect(pairAt(grid, pairs, x, y)).toBe(pair);
        expect(grid.columns * grid.size).toBeCloseTo(width);
        expect(grid.columns * grid.rows).toBeGreaterThanOrEqual(pairs);
        expect(grid.height).toBeLessThanOrEqual(482);
      }),
    );
  });

  it('puts the 32 pairs of the bundled model into full rows', () => {
    for (const width of [1200, 358]) {
      const { columns, rows } = dialGrid(32, width);
      expect(columns * rows).toBe(32);
    }
  });
});

describe('hands', () => {
  const healthy = rotaryTables(inverseFrequencies({ headDim: 64, ropeTheta: 1e6 }), 64);

  it('stay at 3 o’clock at every position when inv_freq is zero', () => {
    const lost = rotaryTables(new Float32Array(32), 64);
    for (let position = 0; position <= 63; position += 0.25) {
      expect(handBetween(lost, 7, position)).toEqual([1, 0]);
    }
  });

  it('are those of the table at whole positions', () => {
    expect(handBetween(healthy, 3, 5)).toEqual(handAt(healthy, 3, 5));
    expect(handDegrees(handAt(healthy, 0, 1))).toBeCloseTo(180 / Math.PI, 4);
  });

  it('turn steadily between two positions', () => {
    const [cos, sin] = handBetween(healthy, 0, 3.5);
    expect(Math.atan2(sin, cos)).toBeCloseTo(3.5 - 2 * Math.PI, 5);
  });

  it('are not numbers where the table is not', () => {
    const lost = rotaryTables(new Float32Array(4).fill(Number.NaN), 8);
    expect(handAt(lost, 1, 0)).toEqual([Number.NaN, Number.NaN]);
    expect(handBetween(lost, 1, 2.5)[0]).toBeNaN();
    expect(handDegrees(handAt(lost, 1, 0))).toBeNaN();
  });
});

describe('hands as pixels', () => {
  const ink = createInk([10, 20, 30]);

  it('reach from the centre to the tip, in any direction, and nowhere else', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 6.28, noNaN: true }), (angle) => {
        const pixels = createPixels(41, 41);
        const tip = [20 + 15 * Math.cos(angle), 20 + 15 * Math.sin(angle)] as const;
        drawHand(pixels, ink, [20, 20], tip, 2);
        expect(alphaAt(pixels, 20, 20)).toBeGreaterThan(128);
        expect(alphaAt(pixels, 20 + 7 * Math.cos(angle), 20 + 7 * Math.sin(angle))).toBeGreaterThan(
          128,
        );
        expect(alphaAt(pixels, 20 - 7 * Math.cos(angle), 20 - 7 * Math.sin(angle))).toBe(0);
        expect(pixels.bytes.slice(4 * (20 * 41 + 20), 4 * (20 * 41 + 20) + 3)).toEqual(
          Uint8ClampedArray.of(10, 20, 30),
        );
      }),
    );
  });

  it('of a lost lane are a ring without a middle', () => {
    const pixels = createPixels(41, 41);
    drawRing(pixels, ink, [20, 20], 12);
    expect(alphaAt(pixels, 32, 20)).toBe(255);
    expect(alphaAt(pixels, 20, 20)).toBe(0);
  });
});

function alphaAt({ bytes, width }: ReturnType<typeof createPixels>, x: number, y: number) {
  return bytes[4 * (Math.round(y) * width + Math.round(x)) + 3];
}
