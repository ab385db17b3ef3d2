import type { Family } from './family';
import { laterLayers } from './layers';

/** A Llama with biases on q, k and v, always, and none on o. */
export const qwen2: Family = {
  modelType: 'qwen2',
  traits: (config) => ({
    attentionBias: true,
    outputBias: false,
    mlpBias: false,
    tieWordEmbeddings: config.tie_word_embeddings ?? false,
    ...laterLayers(config),
  }),
};
