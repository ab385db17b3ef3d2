import type { Family } from './family';

export const llama: Family = {
  modelType: 'llama',
  traits: (config) => ({
    attentionBias: config.attention_bias ?? false,
    outputBias: config.attention_bias ?? false,
    mlpBias: config.mlp_bias ?? false,
    tieWordEmbeddings: config.tie_word_embeddings ?? false,
  }),
};
