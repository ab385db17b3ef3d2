/**
 * What LongRoPE multiplies cos and sin by: √(1 + ln(factor) / ln(original length)) (Ding et al. 2024, as microsoft/LongRoPE and
 * Phi-3 have it), and 1 where the context is not extended.
 */
export function longropeAttentionFactor(factor: number, originalMaxPositions: number): number {
  return factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(originalMaxPositions));
}
