/**
 * How the frequencies depart from RoFormer's, by the names of transformers' modeling_rope_utils (rope_type). Missing: 'default',
 * no departure.
 */
export type RopeScaling =
  | { readonly type: 'default' }
  | { readonly type: 'linear'; readonly factor: number }
  /** NTK-aware interpolation, whose base grows with the text beyond `originalMaxPositions` tokens: max_position_embeddings. */
  | { readonly type: 'dynamic'; readonly factor: number; readonly originalMaxPositions: number }
  /** Peng et al. 2023. */
  | {
      readonly type: 'yarn';
      readonly factor: number;
      readonly originalMaxPositions: number;
      readonly betaFast: number;
      readonly betaSlow: number;
      /** What cos and sin are multiplied by. */
      readonly attentionFactor: number;
      /** Are the ramp's ends rounded to whole pairs? */
      readonly truncate: boolean;
    }
  /** Ding et al. 2024: one factor per pair, of two sets; the long one beyond `originalMaxPositions` tokens. */
  | {
      readonly type: 'longrope';
      readonly shortFactor: readonly number[];
      readonly longFactor: readonly number[];
      readonly originalMaxPositions: number;
      /** What cos and sin are multiplied by. */
      readonly attentionFactor: number;
    }
  | {
      readonly type: 'llama3';
      readonly factor: number;
      readonly lowFreqFactor: number;
      readonly highFreqFactor: number;
      readonly originalMaxPositions: number;
    }
  /** The slowest pairs stand still: partialRotaryFactor of the head turns, at the pace of the whole head. */
  | {
      readonly type: 'proportional';
      readonly factor: number;
      readonly partialRotaryFactor: number;
    };

/** What the frequencies depend on. */
export interface RopeConfig {
  /** Components of a head. */
  readonly headDim: number;
  /** RoPE base θ: 10,000 in RoFormer, 1,000,000 in long-context models. */
  readonly ropeTheta: number;
  /** Components of a head that turn, the first ones; all of them unless said otherwise. */
  readonly rotaryDim?: number;
  readonly ropeScaling?: RopeScaling;
}

/** Components of a head that turn, the first ones: a multiple of 2. */
export function rotatedDim({
  headDim,
  rotaryDim,
}: Pick<RopeConfig, 'headDim' | 'rotaryDim'>): number {
  return rotaryDim ?? headDim;
}

/** What cos and sin are multiplied by: 1, but for YaRN and LongRoPE. */
export function attentionScaling({ ropeScaling }: RopeConfig): number {
  return ropeScaling?.type === 'yarn' || ropeScaling?.type === 'longrope'
    ? ropeScaling.attentionFactor
    : 1;
}

/** The same rotation, had nobody scaled it. */
export function unscaled({ headDim, ropeTheta, rotaryDim }: RopeConfig): RopeConfig {
  return { headDim, ropeTheta, ...(rotaryDim !== undefined && { rotaryDim }) };
}

/** The shortest text that is rotated by the same frequencies as one of `sequenceLength` tokens. */
export function equivalentLength({ ropeScaling }: RopeConfig, sequenceLength: number): number {
  if (ropeScaling?.type !== 'dynamic' && ropeScaling?.type !== 'longrope') return 1;
  const { type, originalMaxPositions } = ropeScaling;
  if (sequenceLength <= originalMaxPositions) return 1;
  return type === 'dynamic' ? sequenceLength : originalMaxPositions + 1;
}
