import type { RopeScaling } from './ropeConfig';
import { thetaPowers } from './thetaPowers';

type Scaling<Type extends RopeScaling['type']> = Extract<RopeScaling, { type: Type }>;

/** θ^(-2i / dim) (RoFormer, Su et al. 2021, section 3.2.2, equation 15). */
export function plainFrequencies(theta: number, dim: number): Float32Array {
  return thetaPowers(theta, dim).map((power) => 1 / power);
}

/** Every frequency divided by the factor: position interpolation (Chen et al. 2023, equation 3), turned from positions to rates. */
export function linearFrequencies(
  theta: number,
  dim: number,
  { factor }: Scaling<'linear'>,
): Float32Array {
  const divisor = Math.fround(factor);
  return plainFrequencies(theta, dim).map((frequency) => frequency / divisor);
}

/**
 * The base of dynamic NTK interpolation, θ · (factor · length / original − (factor − 1))^(dim / (dim − 2)): NTK-aware
 * interpolation (Peng et al. 2023, definition 1) with a scale that grows with the text (section 3.3, "dynamic scaling").
 *
 * Up to the original length transformers keeps what __init__ computed in Python's doubles; beyond it, the length is a tensor and
 * every step a float32.
 */
export function dynamicTheta(
  theta: number,
  dim: number,
  { factor, originalMaxPositions }: Scaling<'dynamic'>,
  sequenceLength: number,
): number {
  const exponent = dim / (dim - 2);
  if (sequenceLength <= originalMaxPositions) {
    const stretch = (factor * originalMaxPositions) / originalMaxPositions - (factor - 1);
    return theta * stretch ** exponent;
  }
  const { fround } = Math;
  const ratio = fround(fround(fround(factor) * sequenceLength) / originalMaxPositions);
  const stretch = fround(ratio - fround(factor - 1));
  return fround(fround(theta) * fround(stretch ** exponent));
}

/**
 * Slow pairs are divided by the factor, fast ones kept, those between interpolated, by how often each turns within the original
 * length: Llama 3.1's `apply_scaling` (Grattafiori et al. 2024), which has no equation of its own.
 */
export function llama3Frequencies(
  theta: number,
  dim: number,
  { factor, lowFreqFactor, highFreqFactor, originalMaxPositions }: Scaling<'llama3'>,
): Float32Array {
  const { fround } = Math;
  const divisor = fround(factor);
  const longest = fround(originalMaxPositions / lowFreqFactor);
  const shortest = fround(originalMaxPositions / highFreqFactor);
  const span = fround(highFreqFactor - lowFreqFactor);
  return plainFrequencies(theta, dim).map((frequency) => {
    // PyTorch divides a number by a tensor as the tensor's reciprocal, rounded, times the number.
    const wavelength = fround(fround(1 / frequency) * fround(2 * Math.PI));
    if (wavelength < shortest) return frequency;
    if (wavelength > longest) return frequency / divisor;
    const turns = fround(fround(1 / wavelength) * originalMaxPositions);
    const smooth = fround(fround(turns - fround(lowFreqFactor)) / span);
    const slow = fround(fround(fround(1 - smooth) * frequency) / divisor);
    return slow + fround(smooth * frequency);
  });
}

/**
 * The first pairs of the head turn at the pace that they have in a head that turns as a whole; the others stand still. Gemma 4's,
 * as transformers has it (`_compute_proportional_rope_parameters`).
 *
 * @returns [headDim / 2]
 */
export function proportionalFrequencies(
  theta: number,
  headDim: number,
  { factor, partialRotaryFactor }: Scaling<'proportional'>,
): Float32Array {
  const divisor = Math.fround(factor);
  const turning = Math.floor((partialRotaryFactor * headDim) / 2);
  return plainFrequencies(theta, headDim).map((frequency, pair) =>
    pair < turning ? frequency / divisor : 0,
  );
}
