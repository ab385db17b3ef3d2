import type { Family } from './family';
import { gemmaActivation, gemmaTraits, softcap } from './gemma';

/** Five of six layers slide, and turn by a smaller θ than the sixth; QK norm instead of caps. */
export const gemma3: Family = {
  modelType: 'gemma3_text',
  headDim: 256,
  ropeByLayer: {
    full_attention: { defaultTheta: 1_000_000 },
    sliding_attention: { defaultTheta: 10_000 },
  },
  activation: gemmaActivation,
  traits: (config) => ({
    ...gemmaTraits(config, config.sliding_window_pattern ?? 6),
    qkNorm: 'head',
    attentionSoftcap: softcap(config.attn_logit_softcapping, null),
    logitSoftcap: softcap(config.final_logit_softcapping, null),
  }),
};
