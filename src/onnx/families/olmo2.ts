import type { Family } from './family';

/** Norms behind attention and MLP instead of before them, and one over all heads of q, and of k. */
export const olmo2: Family = {
  modelType: 'olmo2',
  traits: (config) => ({
    normEps: config.rms_norm_eps ?? 1e-5,
    attentionBias: config.attention_bias ?? false,
    outputBias: config.attention_bias ?? false,
    mlpBias: false,
    qkNorm: 'whole',
    normPlacement: 'post',
    tieWordEmbeddings: config.tie_word_embeddings ?? false,
  }),
};
