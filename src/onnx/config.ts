import * as v from 'valibot';
import type { DecoderConfig } from '../core/decoderConfig';
import { Failure } from '../core/errors';
import { FAMILIES } from './families';

/** An integer from 1 to `most`: an absurd size is refused before anything is allocated for it. */
const size = (most: number) => v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(most));
const tokenId = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(0xffffffff));

const RopeParameters = v.object({
  rope_type: v.optional(v.string()),
  type: v.optional(v.string()),
  rope_theta: v.optional(v.pipe(v.number(), v.minValue(1), v.maxValue(1e12))),
});

/** The fields of config.json that a decoder's graph depends on, with bounds. Other fields are ignored. */
const HuggingFaceConfigSchema = v.object({
  vocab_size: size(2 ** 20),
  hidden_size: size(2 ** 16),
  intermediate_size: size(2 ** 18),
  num_hidden_layers: size(512),
  num_attention_heads: size(1024),
  num_key_value_heads: v.nullish(size(1024)),
  head_dim: v.nullish(size(1024)),
  max_position_embeddings: size(2 ** 24),
  rms_norm_eps: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(0.1)), 1e-6),
  hidden_act: v.optional(v.string(), 'silu'),
  rope_theta: v.optional(v.pipe(v.number(), v.minValue(1), v.maxValue(1e12))),
  rope_scaling: v.nullish(RopeParameters),
  /** Where transformers 5 writes rope_theta and rope_type. */
  rope_parameters: v.nullish(RopeParameters),
  partial_rotary_factor: v.optional(v.number(), 1),
  attention_bias: v.optional(v.boolean()),
  mlp_bias: v.optional(v.boolean()),
  qk_layernorm: v.optional(v.boolean()),
  tie_word_embeddings: v.optional(v.boolean()),
  eos_token_id: v.nullish(v.union([tokenId, v.pipe(v.array(tokenId), v.maxLength(64))])),
});

export type HuggingFaceConfig = v.InferOutput<typeof HuggingFaceConfigSchema>;

const DEFAULT_ROPE_THETA = 10_000;

const invalid = (message: string) => new Failure('config-invalid', `config.json: ${message}`);
const unsupported = (message: string) =>
  new Failure('config-unsupported', `config.json: ${message}`);

/**
 * Reads a Hugging Face config.json.
 * @throws Failure config-invalid, config-unsupported
 */
export function parseConfig(text: string): DecoderConfig {
  const json = parseJson(text);
  const family = FAMILIES.find(({ modelType }) => modelType === json.model_type);
  if (!family) {
    const known = FAMILIES.map(({ modelType }) => modelType).join(', ');
    const given = JSON.stringify(json.model_type ?? null).slice(0, 80);
    throw unsupported(`model_type is ${given}; supported are ${known}`);
  }
  const parsed = v.safeParse(HuggingFaceConfigSchema, json);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    throw invalid(`${v.getDotPath(issue) ?? 'value'}: ${issue.message.slice(0, 200)}`);
  }
  const config = parsed.output;
  const rope = config.rope_parameters ?? config.rope_scaling;
  const ropeType = rope?.rope_type ?? rope?.type ?? 'default';
  if (ropeType !== 'default') throw unsupported(`rope type "${ropeType}"; supported is default`);
  if (config.partial_rotary_factor !== 1) {
    throw unsupported(
      `partial_rotary_factor ${config.partial_rotary_factor}; supported is a whole rotation, 1`,
    );
  }
  if (config.hidden_act !== 'silu') {
    throw unsupported(`hidden_act "${config.hidden_act}"; supported is silu`);
  }
  const numKeyValueHeads = config.num_key_value_heads ?? config.num_attention_heads;
  if (config.num_attention_heads % numKeyValueHeads !== 0) {
    throw invalid(
      `num_attention_heads ${config.num_attention_heads} is not a multiple of num_key_value_heads ${numKeyValueHeads}`,
    );
  }
  const headDim = config.head_dim ?? config.hidden_size / config.num_attention_heads;
  if (!Number.isInteger(headDim) || headDim % 2 !== 0) {
    throw invalid(`head_dim ${headDim} is not an even integer, so its components do not pair`);
  }
  return {
    modelType: family.modelType,
    vocabSize: config.vocab_size,
    hiddenSize: config.hidden_size,
    intermediateSize: config.intermediate_size,
    numHiddenLayers: config.num_hidden_layers,
    numAttentionHeads: config.num_attention_heads,
    numKeyValueHeads,
    headDim,
    ropeTheta: rope?.rope_theta ?? config.rope_theta ?? DEFAULT_ROPE_THETA,
    maxPositionEmbeddings: config.max_position_embeddings,
    rmsNormEps: config.rms_norm_eps,
    eosTokenIds: [config.eos_token_id ?? []].flat(),
    ...family.traits(config),
  };
}

function parseJson(text: string): Record<string, unknown> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new Failure('config-invalid', 'config.json is not JSON', { cause });
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw invalid('it is not an object');
  }
  return json as Record<string, unknown>;
}
