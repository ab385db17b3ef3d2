/** Bits of the float16 nearest to a number, ties to even (IEEE 754, section 4.3.1). */
export function float16Bits(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const magnitude = Math.abs(value);
  if (Number.isNaN(value)) return 0x7e00;
  if (magnitude >= 65520) return sign | 0x7c00;
  // Below the smallest normal number the spacing stays 2^-24.
  const exponent = Math.max(-14, Math.floor(Math.log2(magnitude)));
  const units = roundHalfEven(magnitude / 2 ** (exponent - 10));
  // Adding lets a mantissa that rounds up carry into the exponent.
  return sign | (units < 1024 ? units : ((exponent + 15) << 10) + (units - 1024));
}

export function float16Value(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const mantissa = bits & 0x3ff;
  if (exponent === 0x1f) return mantissa ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  if (exponent === 0) return sign * mantissa * 2 ** -24;
  return sign * (1024 + mantissa) * 2 ** (exponent - 25);
}

/** Bits of the bfloat16 nearest to a float32, ties to even: its upper half, rounded. */
export function bfloat16Bits(value: number): number {
  const [bits = 0] = new Uint32Array(Float32Array.of(value).buffer);
  return Number.isNaN(value) ? 0x7fc0 : (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
}

export function bfloat16Value(bits: number): number {
  const [value = Number.NaN] = new Float32Array(Uint32Array.of(bits << 16).buffer);
  return value;
}

function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
