import type { DecoderConfig } from '../../core/decoderConfig';
import type { HuggingFaceConfig } from '../huggingFaceConfig';
import type { RopeHead, RopeLayer } from '../ropeParameters';

/** What readRope takes for granted of a family. */
export type RopeDefaults = Pick<RopeHead, 'defaultTheta' | 'defaultPartialRotaryFactor'>;

/** What sets one family of decoders apart from Llama. */
export interface Family {
  readonly modelType: string;
  /** Where config.json has no head_dim: hidden_size / num_attention_heads, unless given. */
  readonly headDim?: number;
  readonly rope?: RopeDefaults;
  /** Of families whose sliding layers turn otherwise, for each kind of layer. */
  readonly ropeByLayer?: Readonly<Record<RopeLayer, RopeDefaults>>;
  /** The activation by its name in config.json, or what it is where config.json is silent: hidden_act, else silu. */
  readonly activation?: (config: HuggingFaceConfig) => string;
  /**
   * What config.json means where it is silent, and what it never says.
   * @throws Failure config-unsupported for what the family's graph does not have
   */
  readonly traits: (
    config: HuggingFaceConfig,
  ) => Pick<DecoderConfig, 'attentionBias' | 'outputBias' | 'mlpBias' | 'tieWordEmbeddings'> &
    Partial<DecoderConfig>;
}
