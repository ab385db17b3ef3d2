import type { DecoderConfig } from '../core/decoderConfig';
import type { HuggingFaceConfig } from './huggingFaceConfig';

/** What sets one family of Llama-shaped decoders apart from another. */
export interface Family {
  readonly modelType: string;
  /** What config.json means where it is silent, and what it never says. */
  readonly traits: (
    config: HuggingFaceConfig,
  ) => Pick<
    DecoderConfig,
    'attentionBias' | 'outputBias' | 'mlpBias' | 'qkNorm' | 'tieWordEmbeddings'
  >;
}

const llama: Family = {
  modelType: 'llama',
  traits: (config) => ({
    attentionBias: config.attention_bias ?? false,
    outputBias: config.attention_bias ?? false,
    mlpBias: config.mlp_bias ?? false,
    qkNorm: 'none',
    tieWordEmbeddings: config.tie_word_embeddings ?? false,
  }),
};

const opensci: Family = {
  modelType: 'opensci',
  traits: (config) => ({
    attentionBias: config.attention_bias ?? true,
    outputBias: config.attention_bias ?? true,
    mlpBias: config.mlp_bias ?? true,
    qkNorm: (config.qk_layernorm ?? true) ? 'head' : 'none',
    tieWordEmbeddings: config.tie_word_embeddings ?? true,
  }),
};

export const FAMILIES: readonly Family[] = [llama, opensci];
