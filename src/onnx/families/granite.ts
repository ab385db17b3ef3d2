import type { Family } from './family';

/** A Llama with four factors: of the embeddings, the attention scores, what is added to the residual, and (divided by) the logits. */
export const granite: Family = {
  modelType: 'granite',
  traits: (config) => ({
    attentionBias: config.attention_bias ?? false,
    outputBias: config.attention_bias ?? false,
    mlpBias: config.mlp_bias ?? false,
    tieWordEmbeddings: config.tie_word_embeddings ?? false,
    embeddingScale: config.embedding_multiplier ?? 1,
    attentionScale: config.attention_multiplier ?? 1,
    residualScale: config.residual_multiplier ?? 1,
    logitScale: 1 / (config.logits_scaling ?? 1),
  }),
};
