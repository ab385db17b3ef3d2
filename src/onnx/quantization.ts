/** Values of a row that share a scale. */
export const BLOCK_SIZE = 32;
const BLOCK_BYTES = BLOCK_SIZE / 2;
/** What a 4-bit integer stands for when no zero point is given: 8 is 0. */
const ZERO = 8;

/** Of a matrix [rows, columns] in blocks of 4 bits, as ONNX Runtime's MatMulNBits takes it. */
export function int4Sizes([rows = 0, columns = 0]: readonly number[]) {
  const blocks = Math.ceil(columns / BLOCK_SIZE);
  return {
    blocks,
    /** uint8 [rows, blocks, 16] */
    dataBytes: rows * blocks * BLOCK_BYTES,
    /** float32 [rows · blocks] */
    scaleBytes: rows * blocks * 4,
  };
}

/**
 * Rounds rows to blocks of 32 values, each a float32 scale and 4-bit integers: value = scale · (q − 8). The scale is chosen so
 * that the value of the largest magnitude is −8 · scale and comes back as it was. A row's last block is filled with zeros.
 *
 * @param values whole rows of `columns` values
 * @param data where the integers go, two a byte, the first in the lower half
 * @param scales where the scales go
 */
export function quantizeRows(
  values: Float32Array,
  columns: number,
  data: Uint8Array,
  scales: Float32Array,
): void {
  const blocks = Math.ceil(columns / BLOCK_SIZE);
  for (let start = 0, block = 0; start < values.length; start += columns) {
    for (let b = 0; b < blocks; b++, block++) {
      const from = start + b * BLOCK_SIZE;
      const to = Math.min(from + BLOCK_SIZE, start + columns);
      quantizeBlock(values, from, to, data, block * BLOCK_BYTES, scales, block);
    }
  }
}

function quantizeBlock(
  values: Float32Array,
  from: number,
  to: number,
  data: Uint8Array,
  at: number,
  scales: Float32Array,
  block: number,
): void {
  let extreme = 0;
  for (let i = from; i < to; i++) {
    const value = values[i] ?? 0;
    if (Math.abs(value) > Math.abs(extreme)) extreme = value;
  }
  const scale = Math.fround(extreme / -ZERO);
  scales[block] = scale;
  const inverse = scale === 0 ? 0 : 1 / scale;
  const quantized = (i: number) =>
    i < to ? Math.min(15, Math.max(0, Math.round((values[i] ?? 0) * inverse) + ZERO)) : ZERO;
  for (let pair = 0; pair < BLOCK_BYTES; pair++) {
    const i = from + 2 * pair;
    data[at + pair] = quantized(i) | (quantized(i + 1) << 4);
  }
}
