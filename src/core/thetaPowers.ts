/**
 * θ^(2i / dim) for every pair i: the reciprocals of RoFormer's frequencies (Su et al. 2021, section 3.2.2, equation 15), on which
 * every scaling builds.
 *
 * Rounded as PyTorch rounds them on a CPU with AVX-512: θ, exponent and power are each a float32, and whole blocks of powers come
 * from a vectorised kernel, which in one of 55 cases does not round to the nearest float32; the rest from the C library.
 *
 * @returns [dim / 2], starting at 1 and growing
 */
export function thetaPowers(theta: number, dim: number): Float32Array {
  const base = Math.fround(theta);
  const pairs = dim / 2;
  const inBlocks = pairs - (pairs % BLOCK);
  return Float32Array.from({ length: pairs }, (_, i) => {
    const exponent = Math.fround((2 * i) / dim);
    return i < inBlocks ? vectorisedPower(base, exponent) : Math.pow(base, exponent);
  });
}

/** Powers that PyTorch's loop computes at a time: two vectors of 16. */
const BLOCK = 32;

/** (eˢ − 1 − s) / s² for |s| ≤ ln(2) / 2, highest power first; the coefficients are SLEEF's, each a float32. */
const EXPONENTIAL = [
  0.001363246468827128, 0.00836596917361021, 0.04167108237743378, 0.16666552424430847,
  0.49999985098838806,
];

/**
 * x^y as the kernel rounds it, `Sleef_powf16_u10` (Shibata and Petrogalli 2020): e^(y · ln x) = 2^q · eˢ, where all is held in
 * pairs of float32, for which doubles stand here, but for the polynomial in s, whose every step is a float32.
 */
function vectorisedPower(x: number, y: number): number {
  const { fround } = Math;
  const exponent = y * Math.log(x);
  const q = Math.round(fround(fround(exponent) * fround(Math.LOG2E)));
  const s = exponent - q * Math.LN2;
  const rounded = fround(s);
  const tail = EXPONENTIAL.reduce((sum, next) => fround(sum * rounded + next), 0);
  return fround(1 + s + s * s * tail) * 2 ** q;
}
