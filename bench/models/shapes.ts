import { type RandomModelConfig, TINY_LLAMA } from '../../workers/testing/randomModel';

/** A model that people have, of which only the shape is taken. */
export interface Shape {
  readonly name: string;
  readonly config: RandomModelConfig;
}

const OPENSCI = {
  model_type: 'opensci',
  vocab_size: 50_304,
  head_dim: 64,
  max_position_embeddings: 4096,
  rope_theta: 100_000,
  tie_word_embeddings: true,
  eos_token_id: null,
} as const;

export const SMOLLM2_135M: Shape = {
  name: 'SmolLM2-135M',
  config: {
    ...TINY_LLAMA,
    vocab_size: 49_152,
    hidden_size: 576,
    intermediate_size: 1536,
    num_hidden_layers: 30,
    num_attention_heads: 9,
    num_key_value_heads: 3,
    head_dim: 64,
    max_position_embeddings: 8192,
    rope_theta: 100_000,
  },
};

export const OPENSCI_130M: Shape = {
  name: 'open-sci-ref-0.13b',
  config: {
    ...OPENSCI,
    hidden_size: 512,
    intermediate_size: 2256,
    num_hidden_layers: 22,
    num_attention_heads: 8,
    num_key_value_heads: 8,
  },
};

export const OPENSCI_400M: Shape = {
  name: 'open-sci-ref-0.4b',
  config: {
    ...OPENSCI,
    hidden_size: 1024,
    intermediate_size: 3840,
    num_hidden_layers: 22,
    num_attention_heads: 16,
    num_key_value_heads: 16,
  },
};

/** Computed with, never loaded here. */
export const OPENSCI_1700M: Shape = {
  name: 'open-sci-ref-1.7b',
  config: {
    ...OPENSCI,
    hidden_size: 2048,
    intermediate_size: 8192,
    num_hidden_layers: 24,
    num_attention_heads: 32,
    num_key_value_heads: 32,
  },
};

export const LOADED_SHAPES: readonly Shape[] = [SMOLLM2_135M, OPENSCI_130M, OPENSCI_400M];
