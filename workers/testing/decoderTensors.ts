import type { RandomModelConfig } from './randomModel';

/** A tensor of a checkpoint, and what it is for: that decides of what size its values are to be. */
export interface DecoderTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly kind: 'matrix' | 'bias' | 'norm';
}

/** The tensors that a model of that config has, by their Hugging Face names. */
export function decoderTensors(config: RandomModelConfig): DecoderTensor[] {
  const opensci = config.model_type === 'opensci';
  const { hidden_size: hidden, intermediate_size: intermediate, head_dim: headDim } = config;
  const queries = config.num_attention_heads * headDim;
  const keys = config.num_key_value_heads * headDim;
  const norm = (name: string, size: number): DecoderTensor => ({
    name: `${name}.weight`,
    shape: [size],
    kind: 'norm',
  });
  const matrix = (name: string, out: number, from: number): DecoderTensor => ({
    name: `${name}.weight`,
    shape: [out, from],
    kind: 'matrix',
  });
  const linear = (name: string, out: number, from: number): DecoderTensor[] => [
    matrix(name, out, from),
    ...(opensci ? [{ name: `${name}.bias`, shape: [out], kind: 'bias' } as const] : []),
  ];
  const layer = (name: string): DecoderTensor[] => [
    norm(`${name}.input_layernorm`, hidden),
    ...linear(`${name}.self_attn.q_proj`, queries, hidden),
    ...linear(`${name}.self_attn.k_proj`, keys, hidden),
    ...linear(`${name}.self_attn.v_proj`, keys, hidden),
    ...linear(`${name}.self_attn.o_proj`, hidden, queries),
    ...(opensci
      ? ['q_norm', 'k_norm'].map((which) => norm(`${name}.self_attn.${which}`, headDim))
      : []),
    norm(`${name}.post_attention_layernorm`, hidden),
    ...linear(`${name}.mlp.gate_proj`, intermediate, hidden),
    ...linear(`${name}.mlp.up_proj`, intermediate, hidden),
    ...linear(`${name}.mlp.down_proj`, hidden, intermediate),
  ];
  const layers = Array.from({ length: config.num_hidden_layers }, (_, i) =>
    layer(`model.layers.${i}`),
  );
  return [
    matrix('model.embed_tokens', config.vocab_size, hidden),
    ...layers.flat(),
    norm('model.norm', hidden),
    ...(config.tie_word_embeddings ? [] : [matrix('lm_head', config.vocab_size, hidden)]),
  ];
}
