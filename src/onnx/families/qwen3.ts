import type { Family } from './family';
import { laterLayers } from './layers';

/** A Llama with a norm over each head of q and k, and heads of 128 unless config.json says otherwise. */
export const qwen3: Family = {
  modelType: 'qwen3',
  headDim: 128,
  traits: (config) => ({
    attentionBias: config.attention_bias ?? false,
    outputBias: config.attention_bias ?? false,
    mlpBias: false,
    qkNorm: 'head',
    tieWordEmbeddings: config.tie_word_embeddings ?? false,
    ...laterLayers(config),
  }),
};
