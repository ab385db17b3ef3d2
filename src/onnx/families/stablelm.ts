import { Failure } from '../../core/errors';
import type { Family } from './family';

/** A Llama with LayerNorms, and a quarter of each head that turns. */
export const stablelm: Family = {
  modelType: 'stablelm',
  rope: { defaultPartialRotaryFactor: 0.25 },
  traits: (config) => {
    if (config.qk_layernorm) {
      throw new Failure(
        'config-unsupported',
        'config.json: qk_layernorm: a norm of its own for every head of a StableLM is not supported',
      );
    }
    return {
      norm: 'layer',
      normEps: config.layer_norm_eps ?? 1e-5,
      normPlacement: config.use_parallel_residual ? 'parallel-shared' : 'pre',
      attentionBias: config.use_qkv_bias ?? false,
      outputBias: false,
      mlpBias: false,
      tieWordEmbeddings: config.tie_word_embeddings ?? false,
    };
  },
};
