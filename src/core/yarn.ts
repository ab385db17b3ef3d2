/**
 * What YaRN multiplies cos and sin by: 0.1 · m · ln(factor) + 1 (Peng et al. 2023, section 3.4, equation 22, whose √(1/t) this
 * is for m = 1). Where a config says mscale and mscale_all_dim (DeepSeek), the first's value over the second's.
 */
export function yarnAttentionFactor(
  factor: number,
  mscale?: number | null,
  mscaleAllDim?: number | null,
): number {
  const scale = (m: number) => (factor <= 1 ? 1 : 0.1 * m * Math.log(factor) + 1);
  return mscale && mscaleAllDim ? scale(mscale) / scale(mscaleAllDim) : scale(1);
}
