import * as v from 'valibot';

/** An integer from 1 to `most`: an absurd size is refused before anything is allocated for it. */
const size = (most: number) => v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(most));
const tokenId = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(0xffffffff));

const epsilon = v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(0.1)));

/** A factor far from both ends of float32. */
const factor = v.nullish(v.pipe(v.number(), v.minValue(1e-6), v.maxValue(1e6)));

/** The fields of config.json that a decoder's graph depends on, with bounds. Other fields are ignored. */
export const HuggingFaceConfigSchema = v.object({
  vocab_size: size(2 ** 20),
  hidden_size: size(2 ** 16),
  intermediate_size: size(2 ** 18),
  num_hidden_layers: size(512),
  num_attention_heads: size(1024),
  num_key_value_heads: v.nullish(size(1024)),
  head_dim: v.nullish(size(1024)),
  max_position_embeddings: size(2 ** 24),
  rms_norm_eps: epsilon,
  /** Of a LayerNorm (GPT-NeoX, StableLM). */
  layer_norm_eps: epsilon,
  hidden_act: v.nullish(v.string()),
  /** Gemma's name of hidden_act. */
  hidden_activation: v.nullish(v.string()),
  attention_bias: v.optional(v.boolean()),
  mlp_bias: v.optional(v.boolean()),
  qk_layernorm: v.optional(v.boolean()),
  use_qkv_bias: v.optional(v.boolean()),
  use_parallel_residual: v.optional(v.boolean()),
  tie_word_embeddings: v.optional(v.boolean()),
  embedding_multiplier: factor,
  attention_multiplier: factor,
  residual_multiplier: factor,
  logits_scaling: factor,
  query_pre_attn_scalar: factor,
  attn_logit_softcapping: factor,
  final_logit_softcapping: factor,
  sliding_window: v.nullish(size(2 ** 24)),
  use_sliding_window: v.nullish(v.boolean()),
  max_window_layers: v.nullish(v.pipe(v.number(), v.integer(), v.minValue(0))),
  /** Every so many layers, one looks at all (Gemma 3). */
  sliding_window_pattern: v.nullish(size(512)),
  layer_types: v.nullish(
    v.pipe(v.array(v.picklist(['full_attention', 'sliding_attention'])), v.maxLength(512)),
  ),
  eos_token_id: v.nullish(v.union([tokenId, v.pipe(v.array(tokenId), v.maxLength(64))])),
});

export type HuggingFaceConfig = v.InferOutput<typeof HuggingFaceConfigSchema>;
