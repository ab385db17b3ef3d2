import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sharedMissing, stories260k, tinyOpensci } from '../../workers/testing/sharedModels';
import { inverseFrequencies, rotaryTables, rotate, sameBits } from './rope';

const float32 = (bound: number) =>
  fc.float({ min: Math.fround(-bound), max: Math.fround(bound), noNaN: true });
const headDims = fc.constantFrom(2, 8, 48, 64, 128);
const thetas = fc.constantFrom(10_000, 100_000, 1_000_000);
const ropes = fc.record({ headDim: headDims, ropeTheta: thetas });
/** A rope, and some vectors of its size. */
const ropeWith = (vectors: number) =>
  ropes.chain((config) =>
    fc.tuple(
      fc.constant(config),
      fc.array(fc.array(float32(100), { minLength: config.headDim, maxLength: config.headDim }), {
        minLength: vectors,
        maxLength: vectors,
      }),
    ),
  );

const norm = (vector: ArrayLike<number>) =>
  Math.sqrt(Array.from(vector).reduce((sum, x) => sum + x * x, 0));
const dot = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((sum, x, i) => sum + x * (b[i] ?? Number.NaN), 0);

describe('inverseFrequencies', () => {
  it('starts as the published case prints it, for θ = 1,000,000 and head_dim 64', () => {
    const invFreq = inverseFrequencies({ headDim: 64, ropeTheta: 1_000_000 });
    expect(invFreq).toHaveLength(32);
    expect([...invFreq.subarray(0, 4)].map((f) => f.toFixed(3))).toEqual([
      '1.000',
      '0.649',
      '0.422',
      '0.274',
    ]);
  });

  it('rounds the exponent as PyTorch does, where headDim is no power of two', () => {
    // torch 2.13: 1.0 / (10000.0 ** (torch.arange(0, 48, 2).float() / 48)), the first half.
    const torch = [
      1.0, 0.6812920570373535, 0.46415889263153076, 0.3162277638912201, 0.2154434472322464,
      0.14677992463111877, 0.10000000149011612, 0.06812921166419983, 0.04641588404774666,
      0.03162277862429619, 0.02154434844851494, 0.014677992090582848,
    ];
    const invFreq = inverseFrequencies({ headDim: 48, ropeTheta: 10_000 });
    expect(sameBits(invFreq.slice(0, 12), Float32Array.from(torch))).toBe(true);
  });

  it('starts at 1 and falls', () => {
    fc.assert(
      fc.property(ropes, (config) => {
        const invFreq = inverseFrequencies(config);
        expect(invFreq[0]).toBe(1);
        for (let i = 1; i < invFreq.length; i++) {
          expect(invFreq[i]).toBeLessThan(invFreq[i - 1] ?? 0);
          expect(invFreq[i]).toBeGreaterThan(0);
        }
      }),
    );
  });
});

describe.skipIf(sharedMissing)('against PyTorch', () => {
  const cases = sharedMissing
    ? []
    : [
        { name: 'stories260k', headDim: 8, ropeTheta: 10_000, golden: stories260k() },
        { name: 'tiny-opensci', headDim: 64, ropeTheta: 1_000_000, golden: tinyOpensci() },
      ];

  it.each(cases)('inv_freq of $name is the same bit for bit', ({ golden, ...config }) => {
    const expected = Float32Array.from(golden.inv_freq_healthy);
    expect(sameBits(inverseFrequencies(config), expected)).toBe(true);
  });

  it.each(cases)('cos and sin of $name, healthy and zero', ({ golden, ...config }) => {
    const healthy = rotaryTables(inverseFrequencies(config), 4);
    const zero = rotaryTables(new Float32Array(config.headDim / 2), 4);
    const pairs = [
      [healthy.cos, golden.cos_healthy_pos0_3],
      [healthy.sin, golden.sin_healthy_pos0_3],
      [zero.cos, golden.cos_faulty_pos0_3],
      [zero.sin, golden.sin_faulty_pos0_3],
    ] as const;
    for (const [table, rows] of pairs) {
      rows.forEach((row, position) => {
        // PyTorch writes each pair's value twice, once per half of the head.
        expect(row).toHaveLength(config.headDim);
        row.forEach((value, i) => {
          const pair = i % (config.headDim / 2);
          const ours = table[position * (config.headDim / 2) + pair] ?? Number.NaN;
          expect(Math.abs(ours - value)).toBeLessThanOrEqual(1e-6);
        });
      });
    }
  });
});

describe('rotaryTables', () => {
  it('of zero inv_freq are cos = 1 and sin = 0 exactly, at every position', () => {
    fc.assert(
      fc.property(headDims, fc.integer({ min: 1, max: 700 }), (headDim, positions) => {
        const { cos, sin, pairs } = rotaryTables(new Float32Array(headDim / 2), positions);
        expect(pairs).toBe(headDim / 2);
        expect(sameBits(cos, new Float32Array(positions * pairs).fill(1))).toBe(true);
        expect(sameBits(sin, new Float32Array(positions * pairs))).toBe(true);
      }),
    );
  });

  it('do not depend on how many positions are asked for', () => {
    fc.assert(
      fc.property(ropes, fc.nat(60), fc.nat(60), (config, a, b) => {
        const short = rotaryTables(inverseFrequencies(config), Math.min(a, b));
        const long = rotaryTables(inverseFrequencies(config), Math.max(a, b));
        expect(sameBits(short.cos, long.cos.subarray(0, short.cos.length))).toBe(true);
        expect(sameBits(short.sin, long.sin.subarray(0, short.sin.length))).toBe(true);
      }),
    );
  });
});

describe('rotate', () => {
  it('with zero inv_freq gives back its input exactly, at every position', () => {
    fc.assert(
      fc.property(ropeWith(1), fc.nat(4000), ([{ headDim }, [vector = []]], position) => {
        const tables = rotaryTables(new Float32Array(headDim / 2), position + 1);
        // Adding 0 makes -0 of the input 0: equal as a number, and the only bit that the identity may change.
        const input = Float32Array.from(vector, (x) => x + 0);
        const rotated = rotate(input, tables, position).map((x) => x + 0);
        expect(sameBits(rotated, input)).toBe(true);
      }),
    );
  });

  it('with zero inv_freq equals its input as numbers even where that has -0', () => {
    const tables = rotaryTables(new Float32Array(1), 3);
    expect([...rotate([-0, -5], tables, 2)].map((x) => x + 0)).toEqual([0, -5]);
    expect([...rotate([3, -0], tables, 2)].map((x) => x + 0)).toEqual([3, 0]);
  });

  it('at position 0 is the identity whatever inv_freq is', () => {
    fc.assert(
      fc.property(ropeWith(1), ([config, [vector = []]]) => {
        const rotated = rotate(vector, rotaryTables(inverseFrequencies(config), 1), 0);
        expect([...rotated].map((x) => x + 0)).toEqual(vector.map((x) => x + 0));
      }),
    );
  });

  it('does change vectors at position 1 when inv_freq is healthy', () => {
    const tables = rotaryTables(inverseFrequencies({ headDim: 2, ropeTheta: 10_000 }), 2);
    const [x = 0, y = 0] = rotate([1, 0], tables, 1);
    expect(x).toBeCloseTo(Math.cos(1), 6);
    expect(y).toBeCloseTo(Math.sin(1), 6);
  });

  it('pairs component i with component i + headDim / 2', () => {
    const tables = rotaryTables(Float32Array.of(0, Math.PI / 2), 2);
    const rotated = rotate([1, 2, 3, 4], tables, 1);
    expect([...rotated].map((x) => Math.round(x * 1e5) / 1e5)).toEqual([1, -4, 3, 2]);
  });

  it('preserves the norm', () => {
    fc.assert(
      fc.property(ropeWith(1), fc.nat(600), ([config, [vector = []]], position) => {
        const tables = rotaryTables(inverseFrequencies(config), position + 1);
        const before = norm(vector);
        const after = norm(rotate(vector, tables, position));
        // Below 1e-30 squares leave float64's normal range for float32 inputs that small.
        expect(Math.abs(after - before)).toBeLessThanOrEqual(1e-5 * before + 1e-30);
      }),
    );
  });

  it('makes q · k depend on the distance of their positions only', () => {
    fc.assert(
      fc.property(
        ropeWith(2),
        fc.nat(150),
        fc.nat(150),
        fc.nat(150),
        ([config, [q = [], k = []]], m, n, shift) => {
          const tables = rotaryTables(inverseFrequencies(config), 301);
          const here = dot(rotate(q, tables, m), rotate(k, tables, n));
          const there = dot(rotate(q, tables, m + shift), rotate(k, tables, n + shift));
          // Angles up to 300 radians are float32: they are off by up to 300 · 2^-24, about 2e-5.
          expect(Math.abs(here - there)).toBeLessThanOrEqual(1e-4 * norm(q) * norm(k) + 1e-30);
        },
      ),
    );
  });

  it('makes q · k depend on the distance at all', () => {
    const config = { headDim: 8, ropeTheta: 10_000 };
    const tables = rotaryTables(inverseFrequencies(config), 4);
    const q = [1, 2, 3, 4, 5, 6, 7, 8];
    const near = dot(rotate(q, tables, 1), rotate(q, tables, 0));
    const far = dot(rotate(q, tables, 3), rotate(q, tables, 0));
    expect(Math.abs(near - far)).toBeGreaterThan(1);
  });
});

describe('sameBits', () => {
  it('tells 0 from -0, and takes NaN for itself', () => {
    expect(sameBits(Float32Array.of(0), Float32Array.of(-0))).toBe(false);
    expect(sameBits(Float32Array.of(Number.NaN), Float32Array.of(Number.NaN))).toBe(true);
    expect(sameBits(Float32Array.of(1), Float32Array.of(1, 2))).toBe(false);
  });

  it('looks at views, not at their whole buffers', () => {
    const buffer = Float32Array.of(9, 1, 2);
    expect(sameBits(buffer.subarray(1), Float32Array.of(1, 2))).toBe(true);
  });
});
