/**
 * θ^(2i / dim) for every pair i: the reciprocals of RoFormer's frequencies (Su et al. 2021, section 3.2.2, equation 15), on which
 * every scaling builds.
 *
 * Rounded as PyTorch rounds them: θ, exponent and power are each a float32.
 *
 * @returns [dim / 2], starting at 1 and growing
 */
export function thetaPowers(theta: number, dim: number): Float32Array {
  const base = Math.fround(theta);
  return Float32Array.from({ length: dim / 2 }, (_, i) =>
    Math.pow(base, Math.fround((2 * i) / dim)),
  );
}
