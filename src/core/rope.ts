import { longropeFrequencies } from './longrope';
import { type RopeConfig, rotatedDim } from './ropeConfig';
import {
  dynamicTheta,
  linearFrequencies,
  llama3Frequencies,
  plainFrequencies,
  proportionalFrequencies,
} from './scaledFrequencies';
import { yarnFrequencies } from './yarn';

export type { RopeConfig, RopeScaling } from './ropeConfig';

/**
 * Inverse frequencies of rotary position embedding, one per rotated pair, in radians per token: RoFormer's, or scaled as
 * transformers' modeling_rope_utils scales them, and rounded as PyTorch rounds them.
 *
 * @param sequenceLength tokens of the text, prompt included, on which dynamic and longrope frequencies depend; those of a short
 *   text, which the module is built with, unless given
 * @returns Float32Array of length rotatedDim / 2
 */
export function inverseFrequencies(config: RopeConfig, sequenceLength = 1): Float32Array {
  const { headDim, ropeTheta, ropeScaling = { type: 'default' } } = config;
  const dim = rotatedDim(config);
  switch (ropeScaling.type) {
    case 'default':
      return plainFrequencies(ropeTheta, dim);
    case 'linear':
      return linearFrequencies(ropeTheta, dim, ropeScaling);
    case 'dynamic':
      return plainFrequencies(dynamicTheta(ropeTheta, dim, ropeScaling, sequenceLength), dim);
    case 'yarn':
      return yarnFrequencies(ropeTheta, dim, ropeScaling);
    case 'longrope':
      return longropeFrequencies(ropeTheta, dim, ropeScaling, sequenceLength);
    case 'llama3':
      return llama3Frequencies(ropeTheta, dim, ropeScaling);
    case 'proportional':
      return proportionalFrequencies(ropeTheta, headDim, ropeScaling);
  }
}

/** The cosines and sines of one lane: row p holds the rotation of position p, one column per pair. */
export interface RotaryTables {
  /** Number of rows. */
  readonly positions: number;
  /** Number of columns, one per pair that turns. */
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
  /** What cos and sin are multiplied by. */
  readonly attentionFactor: number;
  /** Rounds an entry of cos or sin, in the end. */
  readonly roundEntry: (entry: number) => number;
}

const same = (x: number) => x;

export const EXACT: TableArithmetic = {
  position: same,
  roundAngle: same,
  attentionFactor: 1,
  roundEntry: same,
};

/**
 * cos(p · invFreq) and sin(p · invFreq) for positions 0 ≤ p < positions, times the attention factor.
 *
 * As PyTorch computes them: the angle is a float32 product, and so is each result, before and after the factor.
 * With invFreq = 0 every angle is 0, so every row is cos = 1, sin = 0: the identity rotation, but for the factor.
 */
export function rotaryTables(
  invFreq: Float32Array,
  positions: number,
  arithmetic: TableArithmetic = EXACT,
): RotaryTables {
  const tables = emptyTables(positions, invFreq.length);
  for (let p = 0; p < positions; p++) fillRow(tables, p, p, invFreq, arithmetic);
  return tables;
}

export function emptyTables(positions: number, pairs: number): RotaryTables {
  const cells = positions * pairs;
  return { positions, pairs, cos: new Float32Array(cells), sin: new Float32Array(cells) };
}

/** Writes one row of tables: the rotation of position p by these frequencies. */
export function fillRow(
  { pairs, cos, sin }: RotaryTables,
  row: number,
  p: number,
  invFreq: Float32Array,
  { position, roundAngle, attentionFactor, roundEntry }: TableArithmetic,
): void {
  const factor = Math.fround(attentionFactor);
  const at = position(p);
  for (let pair = 0, cell = row * pairs; pair < pairs; pair++, cell++) {
    const angle = roundAngle(Math.fround((invFreq[pair] ?? Number.NaN) * at));
    cos[cell] = roundEntry(Math.fround(Math.cos(angle)) * factor);
    sin[cell] = roundEntry(Math.fround(Math.sin(angle)) * factor);
  }
}

/**
 * Rotates one head's query or key at one position, halves convention (`rotate_half`): component i is paired with
 * component i + pairs, `(a, b) → (a·cos − b·sin, b·cos + a·sin)`. RoFormer, section 3.4.2, equation 34.
 *
 * @param vector one head; components beyond 2 · tables.pairs do not turn
 */
export function rotate(
  vector: ArrayLike<number>,
  tables: RotaryTables,
  position: number,
): Float32Array {
  const { pairs, cos, sin } = tables;
  const rotated = Float32Array.from(vector);
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

/** Which components turn together: i with i + rotaryDim/2 (`rotate_half`), or 2i with 2i + 1. */
export type Pairing = 'halves' | 'interleaved';

/**
 * The order of a head's components in which halves pairing does what interleaved pairing does to the original order:
 * of those that turn evens first, then odds; the others stay. Attention does not notice the order itself, as long as q and k
 * share it.
 *
 * @returns [headDim] indices into the original head
 */
export function pairingOrder(pairing: Pairing, config: Parameters<typeof rotatedDim>[0]): number[] {
  const turning = rotatedDim(config);
  const half = turning / 2;
  return Array.from({ length: config.headDim }, (_, i) => {
    if (pairing === 'halves' || i >= turning) return i;
    return i < half ? 2 * i : 2 * (i - half) + 1;
  });
}
