import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inverseFrequencies } from '../../core/rope';
import { decadesOf, frequencyAxis, powerOfTen, stripOf } from './frequencyAxis';

const healthy = inverseFrequencies({ headDim: 64, ropeTheta: 1_000_000 });

describe('decadesOf', () => {
  it('holds the healthy frequencies, whatever the other lanes are', () => {
    fc.assert(
      fc.property(fc.float32Array({ minLength: 1, maxLength: 32 }), (lane) => {
        const decades = decadesOf(healthy, [healthy, lane]);
        expect([...healthy].every((frequency) => stripOf(frequency, decades) === null)).toBe(true);
        // 1 to 1.5e-6 is seven decades with room above; three more at each end for other lanes.
        expect(decades.high - decades.low).toBeLessThanOrEqual(14);
      }),
    );
  });

  it('reaches for a lane that is near, and not for one that is far', () => {
    expect(decadesOf(healthy, [healthy])).toEqual({ low: -6, high: 1 });
    expect(decadesOf(healthy, [healthy, [5e-8]])).toEqual({ low: -8, high: 1 });
    expect(decadesOf(healthy, [healthy, [1.5e16, 1e-40]])).toEqual({ low: -6, high: 1 });
  });
});

describe('frequencyAxis', () => {
  it('gives every value a place: on the axis, or in a strip of its kind', () => {
    const lane = [0, -0, -3, Number.NaN, 1.5e16, Number.POSITIVE_INFINITY, 1e-40, 0.5];
    const axis = frequencyAxis(healthy, [healthy, lane], 330);
    const kinds = lane.map((frequency) => stripOf(frequency, axis.decades));
    expect(kinds).toEqual(['zero', 'zero', 'negative', 'nan', 'above', 'above', 'below', null]);
    for (const kind of kinds) {
      if (kind === null) continue;
      const place = axis.strips.get(kind) ?? Number.NaN;
      expect(place).toBeGreaterThanOrEqual(axis.domain[0]);
      expect(place).toBeLessThanOrEqual(axis.domain[1]);
      expect(place > axis.decades.high || place < axis.decades.low).toBe(true);
    }
  });

  it('has no strips that nothing needs', () => {
    expect(frequencyAxis(healthy, [healthy], 330).strips.size).toBe(0);
    const collapsed = frequencyAxis(healthy, [healthy, new Float32Array(32)], 330);
    expect([...collapsed.strips.keys()]).toEqual(['zero']);
  });
});

it('writes powers of ten', () => {
  expect([0, 1, -6, 12].map(powerOfTen)).toEqual(['1', '10', '10⁻⁶', '10¹²']);
});

it('measures its decades by the pairs that turn, where others stand still by design', () => {
  const half = healthy.map((frequency, pair) => (pair < 16 ? frequency : 0));
  const { low, high } = decadesOf(half, [half]);
  expect(high).toBe(1);
  expect(low).toBe(Math.floor(Math.log10(healthy[15] ?? 0)));
});
