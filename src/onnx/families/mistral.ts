import type { Family } from './family';
import { everyLayer } from './layers';

/** A Llama whose layers all look at the last sliding_window tokens; later releases have no window. */
export const mistral: Family = {
  modelType: 'mistral',
  traits: (config) => ({
    attentionBias: false,
    outputBias: false,
    mlpBias: false,
    tieWordEmbeddings: config.tie_word_embeddings ?? false,
    ...everyLayer(config, config.sliding_window === undefined ? 4096 : config.sliding_window),
  }),
};
