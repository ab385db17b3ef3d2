import { Failure } from '../core/errors';
import { halfValues } from './float16';
import type { TensorEntry } from './safetensors';
import type { WeightFile } from './weightFile';

/** Read at once: so large a tensor needs no second copy of itself beside its converted one. */
const CHUNK_BYTES = 4 * 1024 * 1024;

/**
 * Reads a tensor's values as float32, piece by piece.
 * @param granularity every piece but the last has a multiple of so many values
 * @param take a piece, and the index of its first value; the piece is overwritten by the next one
 * @throws Failure weights-invalid for a dtype that is not a float of 16 or 32 bits
 */
export function readValues(
  tensor: TensorEntry,
  file: WeightFile,
  granularity: number,
  take: (values: Float32Array, first: number) => void,
): void {
  const width = tensor.dtype === 'F32' ? 4 : 2;
  const unit = granularity * width;
  const step = Math.max(1, Math.floor(CHUNK_BYTES / unit)) * unit;
  for (let at = 0; at < tensor.length; at += step) {
    const bytes = file.read(tensor.offset + at, Math.min(step, tensor.length - at));
    take(widened(tensor, bytes), at / width);
  }
}

function widened({ name, dtype }: TensorEntry, bytes: Uint8Array): Float32Array {
  if (dtype === 'F32') return new Float32Array(aligned(bytes, 4));
  if (dtype === 'F16') {
    const halves = halfValues();
    const stored = new Uint16Array(aligned(bytes, 2));
    const values = new Float32Array(stored.length);
    // Ten times as fast as Float32Array.from with a function.
    for (let i = 0; i < stored.length; i++) values[i] = halves[stored[i] ?? 0] ?? 0;
    return values;
  }
  if (dtype !== 'BF16') throw new Failure('weights-invalid', `${name} has the dtype ${dtype}.`);
  // A bfloat16 is the upper half of a float32.
  const upper = new Uint16Array(aligned(bytes, 2));
  const words = new Uint32Array(upper.length);
  for (let i = 0; i < upper.length; i++) words[i] = (upper[i] ?? 0) << 16;
  return new Float32Array(words.buffer);
}

/** The bytes as a buffer of their own, if they do not lie on a boundary that a typed array can begin at. */
function aligned(bytes: Uint8Array, width: number): ArrayBuffer {
  const { buffer, byteOffset, byteLength } = bytes;
  if (byteOffset === 0 && byteLength === buffer.byteLength && byteLength % width === 0) {
    return buffer as ArrayBuffer;
  }
  return new Uint8Array(bytes).buffer;
}
