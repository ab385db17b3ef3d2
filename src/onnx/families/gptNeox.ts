import type { Family } from './family';

/** Pythia's. LayerNorms, biases everywhere, a plain MLP beside attention, and a quarter of each head that turns. */
export const gptNeox: Family = {
  modelType: 'gpt_neox',
  rope: { defaultPartialRotaryFactor: 0.25 },
  activation: (config) => config.hidden_act ?? 'gelu',
  traits: (config) => ({
    numKeyValueHeads: config.num_attention_heads,
    norm: 'layer',
    normEps: config.layer_norm_eps ?? 1e-5,
    normPlacement: (config.use_parallel_residual ?? true) ? 'parallel' : 'pre',
    qkvLayout: 'by-head',
    attentionBias: config.attention_bias ?? true,
    outputBias: config.attention_bias ?? true,
    mlp: 'plain',
    mlpBias: true,
    tieWordEmbeddings: config.tie_word_embeddings ?? false,
  }),
};
