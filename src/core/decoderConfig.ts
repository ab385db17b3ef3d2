/**
 * The architecture of a Llama-shaped decoder, in the names of Hugging Face's config.json (camel case).
 * Everything that the graph builder, the rotary tables and the decode loop need, already validated.
 */
export interface DecoderConfig {
  readonly modelType: string;
  readonly vocabSize: number;
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly numHiddenLayers: number;
  readonly numAttentionHeads: number;
  /** Grouped-query attention: numAttentionHeads is a multiple of it. */
  readonly numKeyValueHeads: number;
  readonly headDim: number;
  /** RoPE base θ: 10,000 in RoFormer, 1,000,000 in long-context models. */
  readonly ropeTheta: number;
  /** Context length in tokens. */
  readonly maxPositionEmbeddings: number;
  readonly rmsNormEps: number;
  /** Biases on q, k and v. */
  readonly attentionBias: boolean;
  /** Bias on o. */
  readonly outputBias: boolean;
  /** Biases on gate, up and down. */
  readonly mlpBias: boolean;
  /** RMS norm over headDim on q and k, before the rotation. */
  readonly qkNorm: boolean;
  /** The head is the transposed embedding; there is no lm_head tensor. */
  readonly tieWordEmbeddings: boolean;
  /** A lane stops when it has chosen one of these. May be empty. */
  readonly eosTokenIds: readonly number[];
}
