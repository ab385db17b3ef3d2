import type { RopeScaling } from './ropeConfig';
import { thetaPowers } from './thetaPowers';

/**
 * What LongRoPE multiplies cos and sin by: √(1 + ln(factor) / ln(original length)) (Ding et al. 2024, as microsoft/LongRoPE and
 * Phi-3 have it), and 1 where the context is not extended.
 */
export function longropeAttentionFactor(factor: number, originalMaxPositions: number): number {
  return factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(originalMaxPositions));
}

/**
 * Every frequency divided by a factor λ of its own, found by search (Ding et al. 2024, section 3.1, equation 3): one set up to the
 * original length, another beyond it. Keys that were rotated before the text grew beyond it keep the rotation that they have.
 */
export function longropeFrequencies(
  theta: number,
  dim: number,
  { shortFactor, longFactor, originalMaxPositions }: Extract<RopeScaling, { type: 'longrope' }>,
  sequenceLength: number,
): Float32Array {
  const factors = sequenceLength > originalMaxPositions ? longFactor : shortFactor;
  return thetaPowers(theta, dim).map(
    (power, pair) => 1 / Math.fround(Math.fround(factors[pair] ?? Number.NaN) * power),
  );
}
