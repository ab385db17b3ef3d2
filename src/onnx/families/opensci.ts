import type { Family } from './family';

export const opensci: Family = {
  modelType: 'opensci',
  traits: (config) => ({
    attentionBias: config.attention_bias ?? true,
    outputBias: config.attention_bias ?? true,
    mlpBias: config.mlp_bias ?? true,
    qkNorm: (config.qk_layernorm ?? true) ? 'head' : 'none',
    tieWordEmbeddings: config.tie_word_embeddings ?? true,
  }),
};
