/** Values of a row that share a scale. */
export const BLOCK_SIZE = 32;
const BLOCK_BYTES = BLOCK_SIZE / 2;
/** What a 4-bit integer stands for when no zero point is given: 8 is 0. */
const ZERO = 8;
const LARGEST = 15;

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
 * The scales of rows in blocks of 32 values: value = scale · (q − 8), q of 4 bits. A scale is chosen so that the value of the
 * largest magnitude is −8 · scale and comes back as it was. A search for the scale of least squared error lowers the weights'
 * error by some 5%, and that of the logits not at all that one could measure, so there is none. A block with a value that is
 * not finite has the scale NaN: all of it comes back as NaN.
 *
 * @param values whole rows of `columns` values
 * @param scales where the scales go
 */
export function blockScales(values: Float32Array, columns: number, scales: Float32Array): void {
  eachBlock(values, columns, (from, to, block) => {
    scales[block] = blockScale(values, from, to);
  });
}

/**
 * The integers that go with these scales. A row's last block is filled with zeros.
 *
 * @param values whole rows of `columns` values
 * @param data where the integers go, two a byte, the first in the lower half
 */
export function quantizeRows(values: Float32Array, columns: number, data: Uint8Array): void {
  eachBlock(values, columns, (from, to, block) => {
    const scale = blockScale(values, from, to);
    // What is multiplied by NaN is NaN, whatever the integer.
    const inverse = scale === 0 || Number.isNaN(scale) ? 0 : 1 / scale;
    const at = block * BLOCK_BYTES;
    for (let pair = 0; pair < BLOCK_BYTES; pair++) {
      const i = from + 2 * pair;
      const low = i < to ? nearest(values[i] ?? 0, inverse) : ZERO;
      const high = i + 1 < to ? nearest(values[i + 1] ?? 0, inverse) : ZERO;
      data[at + pair] = low | (high << 4);
    }
  });
}

function eachBlock(
  values: Float32Array,
  columns: number,
  visit: (from: number, to: number, block: number) => void,
): void {
  let block = 0;
  for (let start = 0; start < values.length; start += columns) {
    const end = start + columns;
    for (let from = start; from < end; from += BLOCK_SIZE, block++) {
      visit(from, Math.min(from + BLOCK_SIZE, end), block);
    }
  }
}

function blockScale(values: Float32Array, from: number, to: number): number {
  let extreme = 0;
  let largest = 0;
  for (let i = from; i < to; i++) {
    const value = values[i] ?? 0;
    const magnitude = Math.abs(value);
    if (!(magnitude < Infinity)) return Number.NaN;
    if (magnitude > largest) {
      largest = magnitude;
      extreme = value;
    }
  }
  return Math.fround(extreme / -ZERO);
}

/** Halves go up, as with Math.round, which is slower. */
function nearest(value: number, inverse: number): number {
  const q = Math.floor(value * inverse + ZERO + 0.5);
  return q < 0 ? 0 : q > LARGEST ? LARGEST : q;
}
