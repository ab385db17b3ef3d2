import type { RopeScaling } from './ropeConfig';
import { thetaPowers } from './thetaPowers';

/**
 * What YaRN multiplies cos and sin by: 0.1 · m · ln(factor) + 1, for m = 1 the √(1/t) of Peng et al. 2023, section 3.4,
 * equation 22. Where a config says mscale and mscale_all_dim (DeepSeek), the first's value over the second's.
 */
export function yarnAttentionFactor(
  factor: number,
  mscale?: number | null,
  mscaleAllDim?: number | null,
): number {
  const scale = (m: number) => (factor <= 1 ? 1 : 0.1 * m * Math.log(factor) + 1);
  return mscale && mscaleAllDim ? scale(mscale) / scale(mscaleAllDim) : scale(1);
}

/**
 * "NTK-by-parts" (Peng et al. 2023, section 3.2, equations 17 to 23): pairs that turn more than betaFast times within the original
 * length keep their pace, those that turn less than betaSlow times are divided by the factor, and a ramp leads from one to the other.
 */
export function yarnFrequencies(
  theta: number,
  dim: number,
  scaling: Extract<RopeScaling, { type: 'yarn' }>,
): Float32Array {
  const { fround } = Math;
  const factor = fround(scaling.factor);
  const [low, high] = rampEnds(theta, dim, scaling);
  const start = fround(low);
  const width = fround(high - low);
  return thetaPowers(theta, dim).map((power, pair) => {
    const kept = fround(1 / power);
    const divided = fround(1 / fround(factor * power));
    const ramp = Math.min(Math.max(fround(fround(pair - start) / width), 0), 1);
    const share = fround(1 - ramp);
    return fround(divided * fround(1 - share)) + fround(kept * share);
  });
}

/** The pairs between which the ramp lies, as numbers: whole ones, if the scaling truncates. */
function rampEnds(
  theta: number,
  dim: number,
  { betaFast, betaSlow, originalMaxPositions, truncate }: Extract<RopeScaling, { type: 'yarn' }>,
): readonly [number, number] {
  /** The pair that turns so often within the original length. */
  const pairOf = (turns: number) =>
    (dim * Math.log(originalMaxPositions / (turns * 2 * Math.PI))) / (2 * Math.log(theta));
  const fast = pairOf(betaFast);
  const slow = pairOf(betaSlow);
  const low = Math.max(truncate ? Math.floor(fast) : fast, 0);
  const high = Math.min(truncate ? Math.ceil(slow) : slow, dim - 1);
  // A ramp of no width would divide by 0.
  return [low, high === low ? high + 0.001 : high];
}
