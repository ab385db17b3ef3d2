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

const GPT_NEOX = { ...LLAMA, model_type: 'gpt_neox', hidden_size: 128 };
const STABLELM = { ...GPT_NEOX, model_type: 'stablelm' };
const GEMMA2 = { ...LLAMA, model_type: 'gemma2' };
const GEMMA3 = { ...GEMMA2, model_type: 'gemma3_text', num_hidden_layers: 12 };

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

  it('reads a GPT-NeoX: a quarter of a head turns, attention and MLP side by side', () => {
    const { rope_theta, ...silent } = GPT_NEOX;
    expect(parse({ ...silent, rotary_emb_base: rope_theta / 2 })).toMatchObject({
      ropeTheta: 5_000,
      rotaryDim: 4,
      numKeyValueHeads: 8,
      norm: 'layer',
      normEps: 1e-5,
      normPlacement: 'parallel',
      mlp: 'plain',
      activation: 'gelu',
    });
    expect(parse({ ...GPT_NEOX, rotary_pct: 1 }).rotaryDim).toBeUndefined();
    expect(parse({ ...GPT_NEOX, use_parallel_residual: false }).normPlacement).toBe('pre');
  });

  it('reads a StableLM, with one residual after the other or side by side', () => {
    expect(parse(STABLELM)).toMatchObject({ rotaryDim: 4, norm: 'layer', normPlacement: 'pre' });
    const parallel = { ...STABLELM, use_parallel_residual: true, use_qkv_bias: true };
    const traits = { attentionBias: true, normPlacement: 'parallel-shared' };
    expect(parse(parallel)).toMatchObject(traits);
  });

  it('reads a Gemma 2: caps where it is silent, every other layer slides', () => {
    expect(parse(GEMMA2)).toMatchObject({
      headDim: 256,
      attentionScale: 1 / 16,
      embeddingScale: 8,
      attentionSoftcap: 50,
      logitSoftcap: 30,
      slidingWindow: 4096,
      layerAttention: ['sliding', 'full', 'sliding', 'full', 'sliding'],
      localRope: null,
      tieWordEmbeddings: true,
    });
    expect(parse({ ...GEMMA2, attn_logit_softcapping: null }).attentionSoftcap).toBeNull();
  });

  it('reads a Gemma 3: five of six layers slide, and turn by a θ of their own', () => {
    const config = parse({ ...GEMMA3, rope_theta: undefined });
    const six = [...Array.from({ length: 5 }, () => 'sliding'), 'full'];
    expect(config).toMatchObject({ ropeTheta: 1_000_000, localRope: { ropeTheta: 10_000 } });
    expect(config.layerAttention).toEqual([...six, ...six]);
    expect(config).toMatchObject({ attentionSoftcap: null, logitSoftcap: null, qkNorm: 'head' });
    expect(parse({ ...GEMMA3, sliding_window: null }).localRope).toBeNull();
  });

  it('reads a Phi-3: fused tensors, and a window only where it says so', () => {
    const phi3 = { ...LLAMA, model_type: 'phi3' };
    const traits = { qkvLayout: 'concatenated', gateUpConcatenated: true, slidingWindow: null };
    expect(parse(phi3)).toMatchObject(traits);
    expect(parse({ ...phi3, sliding_window: 99 }).slidingWindow).toBe(99);
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

  const KNOWN =
    'supported are llama, mistral, qwen2, qwen3, gemma2, gemma3_text, phi3, granite, olmo2, stablelm, gpt_neox, opensci';
  const CLOSE = 'the closest supported one is';
  it.each([
    ['bert', {}, '"bert"'],
    [undefined, {}, 'null'],
    [3, {}, '3'],
    ['toString', {}, '"toString"'],
    ['gemma', {}, `"gemma"; ${CLOSE} gemma2`],
    ['GPTNeoX', {}, `"GPTNeoX"; ${CLOSE} gpt_neox`],
    ['qwen3_moe', { num_experts: 128 }, '"qwen3_moe", a mixture of experts, which'],
    ['mixtral', { num_local_experts: 8 }, '"mixtral", a mixture of experts, which'],
    ['deepseek_v3', { n_routed_experts: 256 }, '"deepseek_v3", a mixture of experts, which'],
    ['t5', { is_encoder_decoder: true }, '"t5", an encoder with a decoder, which'],
  ])('model_type %j, by name, with the one it may have meant', (model_type, more, named) => {
    const error = failureOf({ ...LLAMA, ...more, model_type });
    expect(error.code).toBe('config-unsupported');
    expect(error.message).toContain(`config.json: model_type is ${named}`);
    expect(error.message).toMatch(new RegExp(`${KNOWN}$`));
    expect(error.message.includes(CLOSE)).toBe(named.includes(CLOSE) || /qwen|mixtral/.test(named));
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

  it('an activation that is not known', () => {
    const error = failureOf({ ...LLAMA, hidden_act: 'relu2' });
    expect(error).toMatchObject({ code: 'config-unsupported' });
    expect(error.message).toContain('"relu2"');
  });

  it('a StableLM with a norm for every head', () => {
    const error = failureOf({ ...STABLELM, qk_layernorm: true });
    expect(error.code).toBe('config-unsupported');
    expect(error.message).toContain('qk_layernorm');
  });

  it('attention that looks ahead', () => {
    const error = failureOf({ ...GEMMA3, use_bidirectional_attention: true });
    expect(error.message).toContain('use_bidirectional_attention');
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
