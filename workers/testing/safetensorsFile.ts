import { type Checkpoint, type Dtype, parseCheckpoint } from '../../src/onnx/safetensors';
import { bfloat16Bits, bfloat16Value, float16Bits, float16Value } from './halfPrecision';

export interface StoredTensor {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

/** A safetensors file of these tensors, one behind the other. */
export function safetensorsFile(tensors: ReadonlyMap<string, StoredTensor>): Uint8Array {
  let end = 0;
  const header = Object.fromEntries(
    [...tensors].map(([name, { dtype, shape, bytes }]) => {
      const begin = end;
      end += bytes.byteLength;
      return [name, { dtype, shape, data_offsets: [begin, end] }];
    }),
  );
  return rawSafetensors(
    JSON.stringify(header),
    [...tensors.values()].map(({ bytes }) => bytes),
  );
}

/** A file of whatever header text and data, with the header's true length unless another is given. */
export function rawSafetensors(
  header: string,
  data: readonly Uint8Array[] = [],
  declaredLength?: bigint,
): Uint8Array {
  const json = new TextEncoder().encode(header);
  const file = new Uint8Array(
    data.reduce((sum, { byteLength }) => sum + byteLength, 8 + json.byteLength),
  );
  new DataView(file.buffer).setBigUint64(0, declaredLength ?? BigInt(json.byteLength), true);
  file.set(json, 8);
  let offset = 8 + json.byteLength;
  for (const bytes of data) {
    file.set(bytes, offset);
    offset += bytes.byteLength;
  }
  return file;
}

/** The tensors of a file, ready to be changed and written again. */
export function storedTensors(file: Uint8Array): Map<string, StoredTensor> {
  return new Map(
    [...parseCheckpoint(file).tensors].map(([name, { dtype, shape, offset, length }]) => [
      name,
      { dtype, shape, bytes: file.slice(offset, offset + length) },
    ]),
  );
}

export function float32Tensor(shape: readonly number[], values: ArrayLike<number>): StoredTensor {
  const bytes = new Uint8Array(Float32Array.from(values).buffer);
  return { dtype: 'F32', shape, bytes };
}

/** Values of one tensor as numbers. */
export function tensorValues(checkpoint: Checkpoint, file: Uint8Array, name: string): Float32Array {
  const tensor = checkpoint.tensors.get(name);
  if (!tensor) throw new Error(`the file has no tensor ${name}`);
  const { dtype, offset, length } = tensor;
  return valuesOf(dtype, file.slice(offset, offset + length));
}

function valuesOf(dtype: Dtype, bytes: Uint8Array): Float32Array {
  const { buffer, byteOffset, byteLength } = bytes;
  if (dtype === 'F32') return new Float32Array(buffer, byteOffset, byteLength / 4);
  const halves = new Uint16Array(buffer, byteOffset, byteLength / 2);
  if (dtype === 'F16') return Float32Array.from(halves, float16Value);
  if (dtype === 'BF16') return Float32Array.from(halves, bfloat16Value);
  throw new Error(`${dtype} is not a float dtype`);
}

/** The same checkpoint with every tensor stored in `dtype`. */
export function storedAs(dtype: 'F32' | 'F16' | 'BF16', file: Uint8Array): Uint8Array {
  const store = (values: Float32Array): Uint8Array => {
    if (dtype === 'F32') return new Uint8Array(values.slice().buffer);
    const bits = dtype === 'F16' ? float16Bits : bfloat16Bits;
    return new Uint8Array(Uint16Array.from(values, bits).buffer);
  };
  return safetensorsFile(
    new Map(
      [...storedTensors(file)].map(([name, { dtype: from, shape, bytes }]) => [
        name,
        { dtype, shape, bytes: store(valuesOf(from, bytes)) },
      ]),
    ),
  );
}
