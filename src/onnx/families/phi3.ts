import type { Family } from './family';
import { everyLayer } from './layers';

/** A Llama whose q, k and v lie in one tensor, and whose gate and up lie in another; often with a window and longrope. */
export const phi3: Family = {
  modelType: 'phi3',
  traits: (config) => ({
    normEps: config.rms_norm_eps ?? 1e-5,
    qkvLayout: 'concatenated',
    attentionBias: false,
    outputBias: false,
    gateUpConcatenated: true,
    mlpBias: false,
    tieWordEmbeddings: config.tie_word_embeddings ?? false,
    ...everyLayer(config, config.sliding_window ?? null),
  }),
};
