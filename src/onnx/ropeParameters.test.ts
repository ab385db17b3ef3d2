import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Failure } from '../core/errors';
import { inverseFrequencies } from '../core/rope';
import { rotatedDim } from '../core/ropeConfig';
import { readRope, type RopeHead } from './ropeParameters';

const HEAD: RopeHead = { headDim: 64, maxPositionEmbeddings: 4096 };
const read = (json: Record<string, unknown>, head: Partial<RopeHead> = {}) =>
  readRope(json, { ...HEAD, ...head });

function failureOf(json: Record<string, unknown>, head: Partial<RopeHead> = {}): Failure {
  try {
    read(json, head);
  } catch (thrown) {
    if (thrown instanceof Failure) return thrown;
    throw thrown;
  }
  throw new Error('the rotation was accepted');
}

const LLAMA3 = {
  rope_type: 'llama3',
  factor: 8,
  low_freq_factor: 1,
  high_freq_factor: 4,
  original_max_position_embeddings: 8192,
};
const BY_PAIR = Array.from({ length: 32 }, (_, i) => 1 + i / 8);
const LONGROPE = { type: 'longrope', short_factor: BY_PAIR, long_factor: BY_PAIR };

describe('readRope takes θ', () => {
  it('from the top level, from rope_parameters before it, and 10,000 or the family’s where there is none', () => {
    expect(read({ rope_theta: 5e5 })).toEqual({ headDim: 64, ropeTheta: 5e5 });
    expect(read({ rope_theta: 1, rope_parameters: { rope_theta: 5e5 } }).ropeTheta).toBe(5e5);
    expect(read({}).ropeTheta).toBe(10_000);
    expect(read({}, { defaultTheta: 1e6 }).ropeTheta).toBe(1e6);
    expect(read({ rope_theta: null }, { defaultTheta: 1e6 }).ropeTheta).toBe(1e6);
  });

  it('of each kind of layer, where they differ', () => {
    const gemma = {
      rope_theta: 1e6,
      rope_local_base_freq: 12_000,
      rope_scaling: { type: 'linear', factor: 8 },
    };
    expect(read(gemma, { layer: 'full_attention' })).toMatchObject({
      ropeTheta: 1e6,
      ropeScaling: { type: 'linear', factor: 8 },
    });
    expect(read(gemma, { layer: 'sliding_attention' })).toEqual({ headDim: 64, ropeTheta: 12_000 });
    const nested = {
      rope_parameters: {
        full_attention: { rope_type: 'linear', factor: 8, rope_theta: 1e6 },
        sliding_attention: { rope_type: 'default', rope_theta: 12_000 },
      },
    };
    for (const layer of ['full_attention', 'sliding_attention'] as const) {
      expect(read(nested, { layer })).toEqual(read(gemma, { layer }));
    }
    expect(read({}, { layer: 'sliding_attention', defaultTheta: 7 }).ropeTheta).toBe(7);
    // OLMo 3: one θ, and a scaling of the other layers alone.
    expect(read({ rope_theta: 5e5, rope_scaling: LLAMA3 }, { layer: 'sliding_attention' })).toEqual(
      {
        headDim: 64,
        ropeTheta: 5e5,
      },
    );
  });

  it('by GPT-NeoX’s names, with the part that turns', () => {
    expect(read({ rotary_emb_base: 20_000, rotary_pct: 0.25 })).toEqual({
      headDim: 64,
      ropeTheta: 20_000,
      rotaryDim: 16,
    });
    expect(read({ partial_rotary_factor: 0.5 }).rotaryDim).toBe(32);
    expect(
      read({ partial_rotary_factor: 0.5, rope_parameters: { partial_rotary_factor: 0.25 } })
        .rotaryDim,
    ).toBe(16);
    expect(read({}, { defaultPartialRotaryFactor: 0.25 }).rotaryDim).toBe(16);
    expect(read({ partial_rotary_factor: 1 }).rotaryDim).toBeUndefined();
  });
});

describe('readRope takes a scaling', () => {
  const scaling = (rope_scaling: object, more: Record<string, unknown> = {}) =>
    read({ rope_scaling, ...more }).ropeScaling;

  it('by type or rope_type, and none where there is none', () => {
    expect(scaling({ type: 'linear', factor: 2 })).toEqual({ type: 'linear', factor: 2 });
    expect(scaling({ rope_type: 'linear', factor: 2 })).toEqual({ type: 'linear', factor: 2 });
    expect(scaling({})).toBeUndefined();
    expect(scaling({ type: 'default' })).toBeUndefined();
    expect(read({ rope_scaling: null }).ropeScaling).toBeUndefined();
  });

  it('with the context length where the original one is not said', () => {
    expect(scaling({ type: 'dynamic', factor: 2 })).toEqual({
      type: 'dynamic',
      factor: 2,
      originalMaxPositions: 4096,
    });
    expect(scaling({ ...LLAMA3, original_max_position_embeddings: null })).toMatchObject({
      originalMaxPositions: 4096,
    });
  });

  it('of YaRN with its defaults, the factor from the lengths, and mscale', () => {
    expect(scaling({ type: 'yarn', original_max_position_embeddings: 1024 })).toEqual({
      type: 'yarn',
      factor: 4,
      originalMaxPositions: 1024,
      betaFast: 32,
      betaSlow: 1,
      attentionFactor: 0.1 * Math.log(4) + 1,
      truncate: true,
    });
    const equal = { type: 'yarn', factor: 40, mscale: 0.7, mscale_all_dim: 0.7 };
    expect(scaling(equal)).toMatchObject({ attentionFactor: 1 });
    expect(scaling({ ...equal, mscale_all_dim: 0 })).toEqual(scaling({ type: 'yarn', factor: 40 }));
    expect(scaling({ ...equal, attention_factor: 1.5 })).toMatchObject({ attentionFactor: 1.5 });
  });

  it('of LongRoPE under its older names, with Phi-3’s original length from the top level', () => {
    const more = { original_max_position_embeddings: 1024 };
    const expected = {
      type: 'longrope',
      shortFactor: BY_PAIR,
      longFactor: BY_PAIR,
      originalMaxPositions: 1024,
      attentionFactor: Math.sqrt(1 + Math.log(4) / Math.log(1024)),
    };
    for (const type of ['longrope', 'su', 'yarn']) {
      expect(scaling({ ...LONGROPE, type, original_max_position_embeddings: 9 }, more)).toEqual(
        expected,
      );
    }
    expect(scaling(LONGROPE)).toMatchObject({ originalMaxPositions: 4096, attentionFactor: 1 });
  });

  it('that is proportional over the whole head', () => {
    const parameters = { rope_type: 'proportional', partial_rotary_factor: 0.25 };
    expect(read({ rope_parameters: parameters })).toEqual({
      headDim: 64,
      ropeTheta: 10_000,
      ropeScaling: { type: 'proportional', factor: 1, partialRotaryFactor: 0.25 },
    });
  });
});

describe('readRope refuses', () => {
  it.each([
    [{ rope_theta: '10000' }, /rope_theta/],
    [{ rope_theta: 0 }, /rope_theta/],
    [{ rope_scaling: 'linear' }, /rope_scaling is not an object/],
    [{ rope_scaling: { type: 3 } }, /rope_scaling\.rope_type is not a string/],
    [{ rope_scaling: { type: 'linear' } }, /rope_scaling\.factor is missing/],
    [{ rope_scaling: { type: 'linear', factor: 0 } }, /rope_scaling\.factor/],
    [
      { rope_parameters: { full_attention: { factor: 'two' } } },
      /rope_parameters\.full_attention\.factor/,
    ],
    [
      { rope_scaling: { ...LLAMA3, low_freq_factor: undefined } },
      /rope_scaling\.low_freq_factor is missing/,
    ],
    [{ rope_scaling: { ...LLAMA3, high_freq_factor: 1 } }, /high_freq_factor is not greater/],
    [{ rope_scaling: { ...LONGROPE, long_factor: undefined } }, /long_factor is missing/],
    [
      { rope_scaling: { ...LONGROPE, long_factor: [1, 2] } },
      /long_factor has 2 factors for 32 pairs/,
    ],
    [{ rope_scaling: { ...LONGROPE, short_factor: Array(600).fill(1) } }, /short_factor/],
    [{ rope_scaling: { type: 'yarn', factor: 2 }, rope_theta: 1 }, /rope_theta 1 is too small/],
    [{ partial_rotary_factor: 2 }, /partial_rotary_factor/],
    [{ original_max_position_embeddings: 1 }, /original_max_position_embeddings/],
  ])('%j, by name', (json, message) => {
    const { code, message: text } = failureOf(json);
    expect(code).toBe('config-invalid');
    expect(text).toMatch(/^config\.json: /);
    expect(text).toMatch(message);
  });

  it('dynamic scaling of one pair, whose exponent has no bound', () => {
    const json = { rope_scaling: { type: 'dynamic', factor: 2 } };
    expect(failureOf(json, { headDim: 2 }).code).toBe('config-invalid');
  });

  it('types that it does not know, and parts that do not pair', () => {
    const { code, message } = failureOf({ rope_scaling: { type: 'mrope', factor: 2 } });
    expect([code, message]).toEqual(['config-unsupported', expect.stringContaining('"mrope"')]);
    expect(failureOf({ partial_rotary_factor: 0.4 })).toMatchObject({
      code: 'config-unsupported',
      message: expect.stringContaining('partial_rotary_factor 0.4 turns 25 of 64') as string,
    });
  });

  it('layers without rotation', () => {
    const json = {
      rope_parameters: { full_attention: null, sliding_attention: { rope_theta: 5 } },
    };
    expect(failureOf(json).code).toBe('config-unsupported');
    expect(read(json, { layer: 'sliding_attention' }).ropeTheta).toBe(5);
  });
});

it('readRope gives frequencies that are numbers from whatever it accepts, and a Failure for the rest', () => {
  const number = fc.oneof(
    fc.double({ min: 0, max: 64, noNaN: true }),
    fc.constantFrom(0, 1, 2, 1e4, 1e6, 4096, -1, null, '8', 1e300),
  );
  const parameters = fc.record(
    {
      rope_type: fc.constantFrom(
        'default',
        'linear',
        'dynamic',
        'yarn',
        'longrope',
        'su',
        'llama3',
        'proportional',
        'x',
        1,
      ),
      rope_theta: number,
      factor: number,
      partial_rotary_factor: fc.oneof(fc.constantFrom(0.25, 0.5, 1), number),
      original_max_position_embeddings: number,
      attention_factor: number,
      mscale: number,
      mscale_all_dim: number,
      beta_fast: number,
      beta_slow: number,
      truncate: fc.oneof(fc.boolean(), number),
      short_factor: fc.constantFrom(BY_PAIR, BY_PAIR.slice(16), null, 1),
      long_factor: fc.constantFrom(BY_PAIR, BY_PAIR.slice(16), null, 1),
      low_freq_factor: number,
      high_freq_factor: number,
    },
    { requiredKeys: [] },
  );
  const layer = fc.constantFrom(undefined, 'full_attention' as const, 'sliding_attention' as const);
  let accepted = 0;
  fc.assert(
    fc.property(parameters, fc.boolean(), layer, (given, nested, of) => {
      const rope_parameters = nested ? { full_attention: given, sliding_attention: given } : given;
      try {
        const rope = read({ rope_parameters }, of && { layer: of });
        accepted++;
        for (const length of [1, 5000]) {
          const invFreq = inverseFrequencies(rope, length);
          expect(invFreq).toHaveLength(rotatedDim(rope) / 2);
          expect(invFreq.every(Number.isFinite)).toBe(true);
        }
      } catch (error) {
        expect(error).toBeInstanceOf(Failure);
      }
    }),
    { numRuns: 10_000 },
  );
  expect(accepted).toBeGreaterThan(500);
});
