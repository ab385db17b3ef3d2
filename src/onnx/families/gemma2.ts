import type { Family } from './family';
import { gemmaActivation, gemmaTraits, softcap } from './gemma';

/** Every other layer slides; tanh caps attention scores and logits. */
export const gemma2: Family = {
  modelType: 'gemma2',
  headDim: 256,
  activation: gemmaActivation,
  traits: (config) => ({
    ...gemmaTraits(config, 2),
    attentionSoftcap: softcap(config.attn_logit_softcapping, 50),
    logitSoftcap: softcap(config.final_logit_softcapping, 30),
  }),
};
