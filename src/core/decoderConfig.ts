import type { RopeConfig } from './rope';

/** What a norm does with its weight: x̂ · w, x̂ · (1 + w) (Gemma), or with the mean taken out and a bias (LayerNorm). */
export type NormKind = 'rms' | 'rms-plus-one' | 'layer';

/**
 * Where a block's norms stand. 'pre': before attention and before the MLP (Llama). 'post': behind each, before the sum (OLMo 2).
 * 'sandwich': both (Gemma 2 and 3). 'parallel': attention and MLP read the same residual, each behind a norm of its own
 * (GPT-NeoX). 'parallel-shared': behind one norm (StableLM 2 12B).
 */
export type NormPlacement = 'pre' | 'post' | 'sandwich' | 'parallel' | 'parallel-shared';

/** Norms on q and k before the rotation: none, one over each head's components, or one over all heads together (OLMo 2). */
export type QkNorm = 'none' | 'head' | 'whole';

/** 'gated' is down(act(gate(x)) · up(x)); 'plain' is down(act(up(x))). */
export type MlpKind = 'gated' | 'plain';

export type Activation = 'silu' | 'gelu' | 'gelu-tanh';

/**
 * How q, k and v lie in the checkpoint: three tensors; one with q, k and v one after the other (Phi-3); or one with each
 * head's q, k and v beside each other (GPT-NeoX).
 */
export type QkvLayout = 'separate' | 'concatenated' | 'by-head';

/** What a layer may look at: all that came before, or the last `slidingWindow` tokens. */
export type LayerAttention = 'full' | 'sliding';

/**
 * The architecture of a decoder with rotary embeddings, in the names of Hugging Face's config.json (camel case).
 * Everything that the graph builder, the rotary tables and the decode loop need, already validated.
 */
export interface DecoderConfig extends RopeConfig {
  readonly modelType: string;
  readonly vocabSize: number;
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly numHiddenLayers: number;
  readonly numAttentionHeads: number;
  /** Grouped-query attention: numAttentionHeads is a multiple of it. */
  readonly numKeyValueHeads: number;
  /** The rotation of the sliding layers, where it is not that of the others (Gemma 3); null where all turn alike. */
  readonly localRope: RopeConfig | null;
  /** Context length in tokens. */
  readonly maxPositionEmbeddings: number;
  /** ε of every norm. */
  readonly normEps: number;
  readonly norm: NormKind;
  readonly normPlacement: NormPlacement;
  readonly qkNorm: QkNorm;
  readonly qkvLayout: QkvLayout;
  /** Biases on q, k and v. */
  readonly attentionBias: boolean;
  /** Bias on o. */
  readonly outputBias: boolean;
  readonly mlp: MlpKind;
  /** Gate and up lie in one tensor, one after the other (Phi-3). */
  readonly gateUpConcatenated: boolean;
  /** Biases on gate, up and down. */
  readonly mlpBias: boolean;
  readonly activation: Activation;
  /** The factor of q·k: 1/√headDim, unless the family has its own. */
  readonly attentionScale: number;
  /** tanh caps of attention scores and of logits (Gemma 2); null: none. */
  readonly attentionSoftcap: number | null;
  readonly logitSoftcap: number | null;
  /** Factors of the embeddings, of what each sub-block adds to the residual, and of the logits (Gemma, Granite); usually 1. */
  readonly embeddingScale: number;
  readonly residualScale: number;
  readonly logitScale: number;
  /** Tokens that a sliding layer looks at, its own among them; null where every layer looks at all. */
  readonly slidingWindow: number | null;
  /** One per layer. */
  readonly layerAttention: readonly LayerAttention[];
  /** The head is the transposed embedding; there is no lm_head tensor. */
  readonly tieWordEmbeddings: boolean;
  /** A lane stops when it has chosen one of these. May be empty. */
  readonly eosTokenIds: readonly number[];
}

/** What sets families apart, as Llama has it: a family says only where it differs. Biases and ties are config.json's to say. */
export const LLAMA_TRAITS = {
  localRope: null,
  norm: 'rms',
  normPlacement: 'pre',
  qkNorm: 'none',
  qkvLayout: 'separate',
  attentionBias: false,
  outputBias: false,
  mlp: 'gated',
  gateUpConcatenated: false,
  mlpBias: false,
  activation: 'silu',
  attentionSoftcap: null,
  logitSoftcap: null,
  embeddingScale: 1,
  residualScale: 1,
  logitScale: 1,
  slidingWindow: null,
  tieWordEmbeddings: false,
} as const satisfies Partial<DecoderConfig>;
