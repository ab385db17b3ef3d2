import type { DecoderConfig } from '../core/decoderConfig';

/** What Hugging Face calls a layer's tensors, without `.weight` and `.bias`; several where checkpoints differ. */
export interface LayerNames {
  readonly inputNorm: string;
  readonly query: string;
  readonly key: string;
  readonly value: string;
  /** Of queries, keys and values in one tensor. */
  readonly qkv: string;
  readonly output: string;
  readonly queryNorm: readonly string[];
  readonly keyNorm: readonly string[];
  /** Behind attention, and before the MLP: one name serves both, and a sandwich needs two. */
  readonly postAttentionNorm: string;
  readonly preMlpNorm: string;
  readonly postMlpNorm: string;
  readonly gate: string;
  readonly up: string;
  /** Of gate and up in one tensor. */
  readonly gateUp: string;
  readonly down: string;
}

export interface TensorNames {
  readonly embedding: string;
  readonly layer: (index: number) => LayerNames;
  readonly finalNorm: string;
  readonly head: string;
}

/** Llama's names, which nearly every family kept. */
const LLAMA_NAMES: TensorNames = {
  embedding: 'model.embed_tokens',
  layer: (index) => {
    const layer = `model.layers.${index}`;
    const attention = `${layer}.self_attn`;
    const headNorm = (letter: string) => [
      `${attention}.${letter}_norm`,
      `${attention}.${letter}_layernorm`,
    ];
    return {
      inputNorm: `${layer}.input_layernorm`,
      query: `${attention}.q_proj`,
      key: `${attention}.k_proj`,
      value: `${attention}.v_proj`,
      qkv: `${attention}.qkv_proj`,
      output: `${attention}.o_proj`,
      queryNorm: headNorm('q'),
      keyNorm: headNorm('k'),
      postAttentionNorm: `${layer}.post_attention_layernorm`,
      preMlpNorm: `${layer}.pre_feedforward_layernorm`,
      postMlpNorm: `${layer}.post_feedforward_layernorm`,
      gate: `${layer}.mlp.gate_proj`,
      up: `${layer}.mlp.up_proj`,
      gateUp: `${layer}.mlp.gate_up_proj`,
      down: `${layer}.mlp.down_proj`,
    };
  },
  finalNorm: 'model.norm',
  head: 'lm_head',
};

const GPT_NEOX_NAMES: TensorNames = {
  embedding: 'gpt_neox.embed_in',
  layer: (index) => {
    const layer = `gpt_neox.layers.${index}`;
    return {
      ...LLAMA_NAMES.layer(index),
      inputNorm: `${layer}.input_layernorm`,
      qkv: `${layer}.attention.query_key_value`,
      output: `${layer}.attention.dense`,
      postAttentionNorm: `${layer}.post_attention_layernorm`,
      up: `${layer}.mlp.dense_h_to_4h`,
      down: `${layer}.mlp.dense_4h_to_h`,
    };
  },
  finalNorm: 'gpt_neox.final_layer_norm',
  head: 'embed_out',
};

export const tensorNames = ({ modelType }: DecoderConfig): TensorNames =>
  modelType === 'gpt_neox' ? GPT_NEOX_NAMES : LLAMA_NAMES;
