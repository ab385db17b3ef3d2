import type { Checkpoint, TensorEntry } from './safetensors';

/** Does any tensor hold bfloat16? WebGPU builds of ORT take no such initializers, so they are widened first. */
export function hasBfloat16(checkpoint: Checkpoint): boolean {
  return [...checkpoint.tensors.values()].some(({ dtype }) => dtype === 'BF16');
}

/**
 * The same checkpoint with every bfloat16 tensor as float32, as a safetensors file of its own. Exact: a bfloat16 is
 * the upper half of a float32.
 */
export function widenBfloat16(checkpoint: Checkpoint, bytes: Uint8Array): Uint8Array {
  const tensors = [...checkpoint.tensors.values()];
  let end = 0;
  // From entries, not by assignment: a tensor may be named __proto__.
  const header = Object.fromEntries(
    tensors.map(({ name, dtype, shape, length }) => {
      const begin = end;
      end += dtype === 'BF16' ? 2 * length : length;
      const widened = dtype === 'BF16' ? 'F32' : dtype;
      return [name, { dtype: widened, shape, data_offsets: [begin, end] }];
    }),
  );
  const json = new TextEncoder().encode(JSON.stringify(header));
  const padding = (8 - (json.byteLength % 8)) % 8;
  const dataStart = 8 + json.byteLength + padding;
  const widened = new Uint8Array(dataStart + end).fill(0x20, 8 + json.byteLength, dataStart);
  new DataView(widened.buffer).setBigUint64(0, BigInt(dataStart - 8), true);
  widened.set(json, 8);
  let offset = dataStart;
  for (const tensor of tensors) offset += copyTensor(tensor, bytes, widened, offset);
  return widened;
}

function copyTensor(tensor: TensorEntry, from: Uint8Array, to: Uint8Array, offset: number): number {
  const source = from.subarray(tensor.offset, tensor.offset + tensor.length);
  if (tensor.dtype !== 'BF16') {
    to.set(source, offset);
    return tensor.length;
  }
  for (let i = 0; i < source.length; i += 2) {
    to[offset + 2 * i + 2] = source[i] ?? 0;
    to[offset + 2 * i + 3] = source[i + 1] ?? 0;
  }
  return 2 * tensor.length;
}
