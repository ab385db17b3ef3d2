import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LLAMA_TRAITS } from '../core/decoderConfig';
import { Failure } from '../core/errors';
import { parseConfig } from './config';

const LLAMA = {
  model_type: 'llama',
  vocab_size: 512,
  hidden_size: 64,
  intermediate_size: 172,
  num_hidden_layers: 5,
  num_attention_heads: 8,
  num_key_value_heads: 4,
  max_position_embeddings: 512,
  rms_norm_eps: 1e-5,
  rope_theta: 10_000,
};
const OPENSCI = { ...LLAMA, model_type: 'opensci' };

const parse = (fields: object) => parseConfig(JSON.stringify(fields));
const without = (name: string) =>
  Object.fromEntries(Object.entries(LLAMA).filter(([key]) => key !== name));

function failure(text: string): Failure {
  try {
    parseConfig(text);
  } catch (thrown) {
    if (thrown instanceof Failure) return thrown;
    throw thrown;
  }
  throw new Error('the config was accepted');
}
const failureOf = (fields: object) => failure(JSON.stringify(fields));

describe('parseConfig', () => {
  it('reads a Llama: no biases, no QK norm, an untied head unless it says otherwise', () => {
    expect(parse(LLAMA)).toEqual({
      ...LLAMA_TRAITS,
      modelType: 'llama',
      vocabSize: 512,
      hiddenSize: 64,
      intermediateSize: 172,
      numHiddenLayers: 5,
      numAttentionHeads: 8,
      numKeyValueHeads: 4,
      headDim: 8,
      ropeTheta: 10_000,
      maxPositionEmbeddings: 512,
      normEps: 1e-5,
      attentionScale: 1 / Math.sqrt(8),
      layerAttention: ['full', 'full', 'full', 'full', 'full'],
      attentionBias: false,
      outputBias: false,
      mlpBias: false,
      qkNorm: 'none',
      tieWordEmbeddings: false,
      eosTokenIds: [],
    });
    expect(parse({ ...LLAMA, tie_word_embeddings: true }).tieWordEmbeddings).toBe(true);
  });

  it('reads an open-sci: biases, QK norm and a tied head unless it says otherwise', () => {
    const traits = { attentionBias: true, outputBias: true, mlpBias: true, qkNorm: 'head' };
    expect(parse(OPENSCI)).toMatchObject({ ...traits, tieWordEmbeddings: true });
    expect(parse({ ...OPENSCI, qk_layernorm: false }).qkNorm).toBe('none');
  });

  it('takes as many key/value heads as heads, and head_dim from the hidden size, where it is silent', () => {
    expect(parse(without('num_key_value_heads'))).toMatchObject({
      numKeyValueHeads: 8,
      headDim: 8,
    });
    expect(parse({ ...LLAMA, num_key_value_heads: null, head_dim: null }).headDim).toBe(8);
    expect(parse({ ...LLAMA, head_dim: 16 }).headDim).toBe(16);
  });

  it('reads the end token as one id, as several, or as none', () => {
    expect(parse({ ...LLAMA, eos_token_id: 2 }).eosTokenIds).toEqual([2]);
    expect(parse({ ...LLAMA, eos_token_id: [2, 7] }).eosTokenIds).toEqual([2, 7]);
    expect(parse({ ...LLAMA, eos_token_id: null }).eosTokenIds).toEqual([]);
  });

  it('reads θ where transformers 5 writes it, and takes 10,000 where there is none', () => {
    const rope_parameters = { rope_type: 'default', rope_theta: 1_000_000 };
    expect(parse({ ...without('rope_theta'), rope_parameters }).ropeTheta).toBe(1_000_000);
    expect(parse({ ...LLAMA, rope_theta: 5, rope_parameters }).ropeTheta).toBe(1_000_000);
    expect(parse(without('rope_theta')).ropeTheta).toBe(10_000);
    expect(parse({ ...LLAMA, rope_scaling: null }).ropeTheta).toBe(10_000);
    expect(parse({ ...LLAMA, rope_scaling: { type: 'default' } }).ropeTheta).toBe(10_000);
  });

  it('ignores fields that the graph does not depend on', () => {
    const more = { torch_dtype: 'float32', architectures: ['LlamaForCausalLM'], use_cache: true };
    expect(parse({ ...LLAMA, ...more })).toEqual(parse(LLAMA));
  });
});

describe('parseConfig refuses', () => {
  it.each(['', '{', 'nonsense', '{"model_type": "llama",}'])('what is not JSON: %j', (text) => {
    expect(failure(text)).toMatchObject({
      code: 'config-invalid',
      message: 'config.json is not JSON',
    });
  });

  it.each(['null', '[]', '3', '"llama"'])('JSON that is no object: %s', (text) => {
    expect(failure(text)).toMatchObject({ code: 'config-invalid' });
    expect(failure(text).message).toMatch(/not an object/);
  });

  it.each([
    ['gpt2', '"gpt2"'],
    [undefined, 'null'],
    [3, '3'],
    ['toString', '"toString"'],
  ])('model_type %j, by name', (model_type, named) => {
    const error = failureOf({ ...LLAMA, model_type });
    expect(error.code).toBe('config-unsupported');
    expect(error.message).toBe(
      `config.json: model_type is ${named}; supported are llama, mistral, qwen2, qwen3, granite, olmo2, opensci`,
    );
  });

  const required = [
    'vocab_size',
    'hidden_size',
    'intermediate_size',
    'num_hidden_layers',
    'num_attention_heads',
    'max_position_embeddings',
  ];
  it.each(required)('a config without %s, by name', (name) => {
    const error = failureOf(without(name));
    expect(error.code).toBe('config-invalid');
    expect(error.message).toContain(name);
  });

  const sizes = [...required, 'num_key_value_heads', 'head_dim'];
  it.each(sizes)('an absurd %s', (name) => {
    for (const value of [0, -1, 1.5, 1e12, 2 ** 53, '64', [64], {}, true]) {
      const error = failureOf({ ...LLAMA, [name]: value });
      expect(error.code).toBe('config-invalid');
      expect(error.message).toContain(name);
    }
  });

  it.each([
    ['rms_norm_eps', [-1, 1, '1e-5']],
    ['rope_theta', [0, -10_000, 1e300, '10000']],
    ['eos_token_id', [-1, 1.5, 'end', [1, -1]]],
    ['attention_bias', ['yes', 1]],
    ['tie_word_embeddings', ['yes']],
    ['hidden_act', [1]],
  ])('%s that means nothing', (name, values) => {
    for (const value of values) {
      const error = failureOf({ ...LLAMA, [name]: value });
      expect(error.code).toBe('config-invalid');
      expect(error.message).toContain(name);
    }
  });

  it('an odd head_dim, and one that is a fraction', () => {
    expect(failureOf({ ...LLAMA, head_dim: 7 }).message).toMatch(/head_dim 7 is not an even/);
    expect(failureOf({ ...LLAMA, hidden_size: 60 }).message).toMatch(/head_dim 7.5 is not/);
  });

  it('heads that do not divide', () => {
    expect(failureOf({ ...LLAMA, num_key_value_heads: 3 }).message).toBe(
      'config.json: num_attention_heads 8 is not a multiple of num_key_value_heads 3',
    );
  });

  it.each([
    ['rope_scaling', { type: 'mrope', factor: 2 }, 'mrope'],
    ['rope_scaling', { rope_type: 'ntk', factor: 8 }, 'ntk'],
    ['rope_parameters', { rope_type: 'toString', rope_theta: 10_000 }, 'toString'],
  ])('%s of a type that is not known: %j', (field, value, type) => {
    const error = failureOf({ ...LLAMA, [field]: value });
    expect(error.code).toBe('config-unsupported');
    expect(error.message).toContain(`"${type}"`);
  });

  it('another activation than silu', () => {
    const error = failureOf({ ...LLAMA, hidden_act: 'gelu' });
    expect(error).toMatchObject({ code: 'config-unsupported' });
    expect(error.message).toContain('"gelu"');
  });

  it('anything else with a Failure, never with another error', () => {
    const fields = fc.record(
      Object.fromEntries(Object.keys(LLAMA).map((name) => [name, fc.jsonValue()])),
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fields, fc.boolean(), (changed, known) => {
        const text = JSON.stringify({
          ...LLAMA,
          ...changed,
          ...(known && { model_type: 'llama' }),
        });
        try {
          const { headDim, numAttentionHeads, numKeyValueHeads } = parseConfig(text);
          expect(headDim % 2).toBe(0);
          expect(numAttentionHeads % numKeyValueHeads).toBe(0);
        } catch (error) {
          expect(error).toBeInstanceOf(Failure);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
