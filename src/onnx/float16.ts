/** Bits of the float16 nearest to each float32, ties to even; beyond the largest half it is an infinity (IEEE 754, binary16). */
export function roundToHalf(value: number): number {
  SCRATCH_FLOAT[0] = value;
  const bits = SCRATCH_BITS[0] ?? 0;
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  // NaN keeps being one; infinities stay.
  if (magnitude >= 0x7f800000) return sign | 0x7c00 | (magnitude > 0x7f800000 ? 0x200 : 0);
  if (magnitude >= 0x47800000) return sign | 0x7c00;
  // Normal halves: the exponent's bias falls by 112, and 13 bits of the fraction are rounded away.
  if (magnitude >= 0x38800000) return sign | roundShift(magnitude - 0x38000000, 13);
  // Below 2^-25, exclusively, everything rounds to 0.
  if (magnitude < 0x33000000) return sign;
  // Subnormal halves count in steps of 2^-24.
  const shift = 126 - (magnitude >>> 23);
  return sign | roundShift((magnitude & 0x7fffff) | 0x800000, shift);
}

const SCRATCH_FLOAT = new Float32Array(1);
const SCRATCH_BITS = new Uint32Array(SCRATCH_FLOAT.buffer);

function roundShift(bits: number, shift: number): number {
  const down = bits >>> shift;
  const rest = bits & ((1 << shift) - 1);
  const half = 1 << (shift - 1);
  return rest > half || (rest === half && (down & 1) === 1) ? down + 1 : down;
}

/** The float32 of each of the 65,536 halves, made when first asked for. */
export function halfValues(): Float32Array {
  HALVES ??= Float32Array.from({ length: 0x10000 }, (_, bits) => halfValue(bits));
  return HALVES;
}

let HALVES: Float32Array | undefined;

function halfValue(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
