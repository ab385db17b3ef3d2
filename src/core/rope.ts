/**
 * How the frequencies depart from RoFormer's, by the names of transformers' modeling_rope_utils (rope_type). Missing: 'default',
 * no departure.
 */
export type RopeScaling =
  | { readonly type: 'default' }
  | { readonly type: 'linear'; readonly factor: number }
  /** NTK-aware interpolation that grows with the text, beyond `originalMaxPositions` tokens. */
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

/**
 * Inverse frequencies of rotary position embedding, one per rotated pair:
 * `invFreq[i] = θ^(-2i / headDim)` in radians per token (RoFormer, Su et al. 2021, section 3.2.2, equation 15).
 *
 * Rounded as PyTorch rounds them: exponent, power and reciprocal are each a float32.
 *
 * @returns Float32Array of length headDim / 2, starting at 1 and falling.
 */
export function inverseFrequencies({ headDim, ropeTheta }: RopeConfig): Float32Array {
  const invFreq = new Float32Array(headDim / 2);
  for (let i = 0; i < invFreq.length; i++) {
    const exponent = Math.fround((2 * i) / headDim);
    invFreq[i] = 1 / Math.fround(Math.pow(ropeTheta, exponent));
  }
  return invFreq;
}

/** The cosines and sines of one lane: row p holds the rotation of position p, one column per pair. */
export interface RotaryTables {
  /** Number of rows. */
  readonly positions: number;
  /** Number of columns: headDim / 2. */
  readonly pairs: number;
  /** [positions, pairs], row-major. */
  readonly cos: Float32Array;
  /** [positions, pairs], row-major. */
  readonly sin: Float32Array;
}

/** How tables are computed from inv_freq. Faults after loading are departures from `EXACT`. */
export interface TableArithmetic {
  /** The position that row p is computed for. */
  readonly position: (p: number) => number;
  /** Rounds an angle, before cos and sin. */
  readonly roundAngle: (angle: number) => number;
  /** Rounds an entry of cos or sin. */
  readonly roundEntry: (entry: number) => number;
}

const same = (x: number) => x;

export const EXACT: TableArithmetic = { position: same, roundAngle: same, roundEntry: same };

/**
 * cos(p · invFreq) and sin(p · invFreq) for positions 0 ≤ p < positions.
 *
 * As PyTorch computes them: the angle is a float32 product, and so is each result.
 * With invFreq = 0 every angle is 0, so every row is cos = 1, sin = 0: the identity rotation.
 */
export function rotaryTables(
  invFreq: Float32Array,
  positions: number,
  { position, roundAngle, roundEntry }: TableArithmetic = EXACT,
): RotaryTables {
  const pairs = invFreq.length;
  const cos = new Float32Array(positions * pairs);
  const sin = new Float32Array(positions * pairs);
  for (let p = 0, cell = 0; p < positions; p++) {
    for (const frequency of invFreq) {
      const angle = roundAngle(Math.fround(frequency * position(p)));
      cos[cell] = roundEntry(Math.cos(angle));
      sin[cell] = roundEntry(Math.sin(angle));
      cell++;
    }
  }
  return { positions, pairs, cos, sin };
}

/**
 * Rotates one head's query or key at one position, halves convention (`rotate_half`): component i is paired with
 * component i + headDim/2, `(a, b) → (a·cos − b·sin, b·cos + a·sin)`. RoFormer, section 3.4.2, equation 34.
 *
 * @param vector one head, length 2 · tables.pairs
 */
export function rotate(
  vector: ArrayLike<number>,
  tables: RotaryTables,
  position: number,
): Float32Array {
  const { pairs, cos, sin } = tables;
  const rotated = new Float32Array(2 * pairs);
  for (let i = 0; i < pairs; i++) {
    const c = cos[position * pairs + i] ?? Number.NaN;
    const s = sin[position * pairs + i] ?? Number.NaN;
    const a = vector[i] ?? Number.NaN;
    const b = vector[i + pairs] ?? Number.NaN;
    rotated[i] = Math.fround(a * c) - Math.fround(b * s);
    rotated[i + pairs] = Math.fround(b * c) + Math.fround(a * s);
  }
  return rotated;
}

/** The same bits in both? NaN equals NaN of the same payload; 0 differs from -0. */
export function sameBits(a: Float32Array, b: Float32Array): boolean {
  if (a.length !== b.length) return false;
  const x = new Uint32Array(a.buffer, a.byteOffset, a.length);
  const y = new Uint32Array(b.buffer, b.byteOffset, b.length);
  return x.every((bits, i) => bits === y[i]);
}

/** Which components turn together: i with i + headDim/2 (`rotate_half`), or 2i with 2i + 1. */
export type Pairing = 'halves' | 'interleaved';

/**
 * The order of a head's components in which halves pairing does what interleaved pairing does to the original order:
 * evens first, then odds. Attention does not notice the order itself, as long as q and k share it.
 *
 * @returns [headDim] indices into the original head
 */
export function pairingOrder(pairing: Pairing, headDim: number): number[] {
  const half = headDim / 2;
  return Array.from({ length: headDim }, (_, i) => {
    if (pairing === 'halves') return i;
    return i < half ? 2 * i : 2 * (i - half) + 1;
  });
}
