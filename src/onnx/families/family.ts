import type { DecoderConfig } from '../../core/decoderConfig';
import type { HuggingFaceConfig } from '../huggingFaceConfig';

/** What sets one family of Llama-shaped decoders apart from another. */
export interface Family {
  readonly modelType: string;
  /** Where config.json has no head_dim: hidden_size / num_attention_heads, unless given. */
  readonly headDim?: number;
  /** What config.json means where it is silent, and what it never says. */
  readonly traits: (
    config: HuggingFaceConfig,
  ) => Pick<DecoderConfig, 'attentionBias' | 'outputBias' | 'mlpBias' | 'tieWordEmbeddings'> &
    Partial<DecoderConfig>;
}
