/**
 * The bfloat16 nearest to x, ties to even, as a number: 8 bits of significand, the exponent range of float32.
 * As PyTorch's `.to(torch.bfloat16)` rounds.
 */
export function roundToBfloat16(x: number): number {
  if (Number.isNaN(x)) return Number.NaN;
  bits.setFloat32(0, x);
  const word = bits.getUint32(0);
  const tie = 0x7fff + ((word >>> 16) & 1);
  bits.setUint32(0, ((word + tie) & 0xffff0000) >>> 0);
  return bits.getFloat32(0);
}

const bits = new DataView(new ArrayBuffer(4));
