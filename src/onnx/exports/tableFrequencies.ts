import type { RotaryTables } from '../../core/rope';

/** What tables say of the vector that they were computed from. */
export interface RecoveredFrequencies {
  /** [pairs], radians per token, between -π and π. */
  readonly invFreq: Float32Array;
  /** What cos and sin are multiplied by. */
  readonly attentionFactor: number;
}

/**
 * inv_freq from cos and sin: the angle of row 1, made more exact by rows 2, 4, 8, ..., whose angles are as many times as large.
 * Entries that are not numbers give frequencies that are not numbers.
 */
export function recoverFrequencies({
  positions,
  pairs,
  cos,
  sin,
}: RotaryTables): RecoveredFrequencies {
  const invFreq = new Float32Array(pairs);
  for (let pair = 0; pair < pairs; pair++) {
    let frequency = 0;
    for (let row = 1; row < positions; row *= 2) {
      const cell = row * pairs + pair;
      const angle = Math.atan2(sin[cell] ?? Number.NaN, cos[cell] ?? Number.NaN);
      const missing = angle - frequency * row;
      frequency += (missing - 2 * Math.PI * Math.round(missing / (2 * Math.PI))) / row;
    }
    invFreq[pair] = frequency;
  }
  return { invFreq, attentionFactor: Math.hypot(cos[0] ?? Number.NaN, sin[0] ?? Number.NaN) };
}

/**
 * Do these frequencies give those tables? Every entry may be off by `tolerance`, and by what rounding p · inv_freq to float32 does.
 */
export function reproduces(
  { invFreq, attentionFactor }: RecoveredFrequencies,
  { positions, pairs, cos, sin }: RotaryTables,
  tolerance: number,
): boolean {
  for (let row = 0, cell = 0; row < positions; row++) {
    for (let pair = 0; pair < pairs; pair++, cell++) {
      const angle = (invFreq[pair] ?? 0) * row;
      const allowed = (tolerance + Math.abs(angle) * 2e-7) * attentionFactor;
      const offCos = Math.abs(Math.cos(angle) * attentionFactor - (cos[cell] ?? 0));
      const offSin = Math.abs(Math.sin(angle) * attentionFactor - (sin[cell] ?? 0));
      if (offCos > allowed || offSin > allowed) return false;
    }
  }
  return true;
}
