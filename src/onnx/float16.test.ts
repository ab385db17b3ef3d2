import { describe, expect, it } from 'vitest';
import { float16Value } from '../../workers/testing/halfPrecision';
import { halfValues, roundToHalf } from './float16';

const INFINITY_BITS = 0x7c00;

describe('halfValues', () => {
  it('has the value of every half', () => {
    expect(halfValues()).toHaveLength(0x10000);
    const wrong = [...halfValues().entries()].filter(
      ([bits, value]) => !Object.is(value, float16Value(bits)),
    );
    expect(wrong).toEqual([]);
  });
});

describe('roundToHalf', () => {
  it('gives every half back, and of what is no number one that is none', () => {
    const wrong = [...halfValues().entries()].filter(([bits, value]) =>
      Number.isNaN(value)
        ? !Number.isNaN(float16Value(roundToHalf(value)))
        : roundToHalf(value) !== bits,
    );
    expect(wrong).toEqual([]);
  });

  it('rounds to the nearer neighbour, and from the middle between two to the even one', () => {
    const wrong: number[] = [];
    for (let bits = 0; bits < INFINITY_BITS; bits++) {
      // Above the largest half, its neighbour's place counts, though an infinity stands there.
      const above = bits + 1 === INFINITY_BITS ? 2 ** 16 : float16Value(bits + 1);
      const middle = (float16Value(bits) + above) / 2;
      const even = bits % 2 === 0 ? bits : bits + 1;
      for (const [value, expected] of [
        [middle, even],
        [neighbour(middle, -1), bits],
        [neighbour(middle, 1), bits + 1],
      ] as const) {
        if (roundToHalf(value) !== expected) wrong.push(value);
        if (roundToHalf(-value) !== (expected | 0x8000)) wrong.push(-value);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('makes infinities of what is beyond the largest half', () => {
    for (const value of [65_520, 1e30, Number.POSITIVE_INFINITY]) {
      expect(roundToHalf(value)).toBe(INFINITY_BITS);
      expect(roundToHalf(-value)).toBe(INFINITY_BITS | 0x8000);
    }
  });
});

/** The next float32 above or below a positive one. */
function neighbour(value: number, direction: 1 | -1): number {
  const bits = new Uint32Array(Float32Array.of(value).buffer);
  bits[0] = (bits[0] ?? 0) + direction;
  return new Float32Array(bits.buffer)[0] ?? Number.NaN;
}
