import type { DecoderConfig } from '../../core/decoderConfig';
import type { HuggingFaceConfig } from '../huggingFaceConfig';
import { mostLayers } from './layers';

/** Gemma's hidden_act is a relic; hidden_activation is what runs. */
export const gemmaActivation = (config: HuggingFaceConfig): string =>
  config.hidden_activation ?? 'gelu_pytorch_tanh';

/** The cap that config.json says, its null, or the family's where it says nothing. */
export const softcap = (given: number | null | undefined, usual: number | null): number | null =>
  given === undefined ? usual : given;

/**
 * What Gemma 2 and 3 share: norms by 1 + w around attention and MLP, embeddings by the root of their width, and q · k by
 * query_pre_attn_scalar instead of the head's.
 *
 * @param pattern every so many layers, one looks at all
 */
export const gemmaTraits = (config: HuggingFaceConfig, pattern: number) =>
  ({
    norm: 'rms-plus-one',
    normPlacement: 'sandwich',
    attentionBias: config.attention_bias ?? false,
    outputBias: config.attention_bias ?? false,
    mlpBias: false,
    attentionScale: 1 / Math.sqrt(config.query_pre_attn_scalar ?? 256),
    embeddingScale: Math.sqrt(config.hidden_size),
    tieWordEmbeddings: config.tie_word_embeddings ?? true,
    ...mostLayers(
      config,
      config.sliding_window === undefined ? 4096 : config.sliding_window,
      pattern,
    ),
  }) as const satisfies Partial<DecoderConfig>;
