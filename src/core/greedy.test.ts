import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allFinite, topK } from './greedy';

/** Few distinct values, so that ties are common, and any others. */
const logits = fc.oneof(
  fc.array(fc.constantFrom(-1, -0, 0, 0.5, 2), { minLength: 1, maxLength: 60 }),
  fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 60 }),
);

describe('topK', () => {
  it('is the beginning of the logits sorted, ties in the order of their ids', () => {
    fc.assert(
      fc.property(logits, fc.nat(70), (values, k) => {
        const array = Float32Array.from(values);
        const sorted = [...array]
          .map((logit, id) => ({ id, logit }))
          .sort((a, b) => b.logit - a.logit || a.id - b.id);
        expect(topK(array, k)).toEqual(sorted.slice(0, k));
      }),
      { numRuns: 500 },
    );
  });

  it('takes the lowest id of equal logits', () => {
    expect(topK(Float32Array.of(3, 5, 5, 5), 2)?.map(({ id }) => id)).toEqual([1, 2]);
    expect(topK(new Float32Array(1000), 1)).toEqual([{ id: 0, logit: 0 }]);
  });

  it('of no logits is empty', () => {
    expect(topK(new Float32Array(0), 5)).toEqual([]);
  });
});

describe('allFinite and topK', () => {
  it('refuse values of which one is not a finite number', () => {
    fc.assert(
      fc.property(
        fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { maxLength: 50 }),
        fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
        fc.nat(50),
        (values, bad, place) => {
          expect(allFinite(Float32Array.from(values))).toBe(true);
          const at = Math.min(place, values.length);
          const broken = Float32Array.from(values.toSpliced(at, 0, bad));
          expect(allFinite(broken)).toBe(false);
          for (const k of [0, 1, 10]) expect(topK(broken, k)).toBeUndefined();
        },
      ),
    );
  });
});
