import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { attentionWeights } from './attention';
import { maxAbsDifference, maxOverHeads } from './difference';
import { compareDistributions } from './distribution';

const finite = fc.float({ noNaN: true, min: -60, max: 60 });
const logitPairs = fc
  .integer({ min: 2, max: 40 })
  .chain((size) =>
    fc.tuple(
      fc.array(finite, { minLength: size, maxLength: size }),
      fc.array(finite, { minLength: size, maxLength: size }),
      fc.nat({ max: size - 1 }),
    ),
  );

describe('compareDistributions', () => {
  it('gives KL ≥ 0, an entropy between 0 and ln(vocab), and a rank and probability that agree with the logits', () => {
    fc.assert(
      fc.property(logitPairs, ([lane, healthy, token]) => {
        const q = new Float32Array(lane);
        const { kl, entropy, rank, probability } = compareDistributions(
          q,
          new Float32Array(healthy),
          token,
        );
        expect(kl).toBeGreaterThanOrEqual(0);
        expect(entropy).toBeGreaterThanOrEqual(0);
        expect(entropy).toBeLessThanOrEqual(Math.log(lane.length) + 1e-9);
        const sum = q.reduce((total, logit) => total + Math.exp(logit - (q[token] ?? 0)), 0);
        expect(probability).toBeCloseTo(1 / sum, 6);
        const order = [...q.keys()].sort((a, b) => (q[b] ?? 0) - (q[a] ?? 0) || a - b);
        expect(rank).toBe(order.indexOf(token) + 1);
      }),
    );
  });

  it('gives exactly 0 for identical lanes', () => {
    fc.assert(
      fc.property(logitPairs, ([lane, , token]) => {
        const logits = new Float32Array(lane);
        expect(compareDistributions(logits, logits.slice(), token).kl).toBe(0);
      }),
    );
  });

  it('equals a KL computed by hand', () => {
    const lane = new Float32Array([Math.log(0.5), Math.log(0.25), Math.log(0.25)]);
    const healthy = new Float32Array([Math.log(0.25), Math.log(0.25), Math.log(0.5)]);
    const { kl, entropy } = compareDistributions(lane, healthy, 2);
    expect(kl).toBeCloseTo(0.25 * Math.log(0.5) + 0.5 * Math.log(2), 6);
    expect(entropy).toBeCloseTo(1.5 * Math.log(2), 6);
  });

  it('says nothing of logits that are not numbers', () => {
    const broken = new Float32Array([Number.NaN, 1]);
    const sound = new Float32Array([0, 1]);
    const nothing = { entropy: null, kl: null, rank: null, probability: null };
    expect(compareDistributions(broken, sound, 1)).toEqual(nothing);
    expect(compareDistributions(sound, broken, 1).kl).toBeNull();
  });
});

describe('attentionWeights', () => {
  const shape = { positions: 5, heads: 4, headDim: 4 };
  const vectors = (heads: number) =>
    fc
      .array(fc.float({ noNaN: true, min: -3, max: 3 }), {
        minLength: shape.positions * heads * shape.headDim,
        maxLength: shape.positions * heads * shape.headDim,
      })
      .map((values) => ({ ...shape, heads, values: new Float32Array(values) }));

  it('gives rows that sum to 1 and look at nothing later', () => {
    fc.assert(
      fc.property(vectors(4), vectors(2), fc.nat({ max: 3 }), (queries, keys, head) => {
        const weights = attentionWeights(queries, keys, head);
        for (let q = 0; q < shape.positions; q++) {
          const row = weights.subarray(q * shape.positions, (q + 1) * shape.positions);
          expect(row.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 5);
          expect([...row.subarray(q + 1)].every((weight) => weight === 0)).toBe(true);
        }
      }),
    );
  });

  it('serves query heads 2i and 2i + 1 with key head i', () => {
    const queries = {
      ...shape,
      heads: 2,
      positions: 2,
      headDim: 1,
      values: new Float32Array([1, 1, 1, 1]),
    };
    const keys = { ...queries, heads: 1, values: new Float32Array([0, Math.log(3)]) };
    const first = attentionWeights(queries, keys, 0);
    expect(first[2]).toBeCloseTo(0.25, 6);
    expect(first[3]).toBeCloseTo(0.75, 6);
    expect([...attentionWeights(queries, keys, 1)]).toEqual([...first]);
  });

  it('is NaN where scores are not numbers, up to the query', () => {
    const values = new Float32Array([Number.NaN, 1]);
    const queries = { positions: 2, heads: 1, headDim: 1, values };
    const weights = attentionWeights(queries, { ...queries, values: new Float32Array([1, 1]) }, 0);
    expect(weights[0]).toBeNaN();
    expect(weights[1]).toBe(0);
    expect(weights[3]).toBeCloseTo(0.5, 6);
  });
});

describe('maxAbsDifference', () => {
  const lane = (values: number[]) => ({
    positions: values.length / 4,
    heads: 2,
    headDim: 2,
    values: new Float32Array(values),
  });

  it('is per head and position, over the positions that both have', () => {
    const a = lane([1, 2, 3, 4, 5, 6, 7, 8]);
    const b = lane([1, 2.5, 3, 4]);
    expect([...maxAbsDifference(a, b)]).toEqual([0.5, 0]);
    const all = maxAbsDifference(a, lane([1, 2, 3, 4, 5, 4, 0, 8]));
    expect([...all]).toEqual([0, 2, 0, 7]);
    expect([...maxOverHeads(all, 2)]).toEqual([0, 7]);
  });

  it('is NaN where either is, and NaN wins over the heads', () => {
    const all = maxAbsDifference(lane([1, 2, 3, 4]), lane([1, Number.NaN, 3, 9]));
    expect(all[0]).toBeNaN();
    expect(all[1]).toBe(5);
    expect(maxOverHeads(all, 2)[0]).toBeNaN();
  });

  it('compares components that stand in another order', () => {
    const a = lane([1, 2, 3, 4]);
    expect([...maxAbsDifference(a, lane([2, 1, 4, 3]), [1, 0])]).toEqual([0, 0]);
  });
});
