import type { WeightStorage } from './graph';

export interface DecoderOptions {
  /** Where the weights' bytes are. The usual file beside the graph, unless said otherwise. */
  readonly weights?: WeightStorage;
  /** Also give q and k before and after the rotation, per layer, as outputs of their own. */
  readonly taps?: boolean;
  /** Also give all of them as one output `trace` [lanes, sequence, width]: see `tracePart`. */
  readonly trace?: boolean;
  /**
   * Also take an input `pairing` [lanes, headDim, headDim] float, by which each head of q and k is multiplied before the
   * rotation: a permutation per lane, so that which components turn together is data as well.
   */
  readonly pairing?: boolean;
  /**
   * ORT's fused kernel (the default), or what it fuses: MatMul, Softmax, MatMul. The same numbers, but for rounding. Scores with
   * a cap are eager either way.
   */
  readonly attention?: 'fused' | 'eager';
  /** Logits of the last position (the default), or of every position of the input. */
  readonly logits?: 'last' | 'all';
}
