import { Failure } from '../../core/errors';
import { halfValues } from '../float16';
import { type TensorProto, TensorProto_DataLocation, TensorProto_DataType } from '../proto/onnx_pb';

/** Reads a part of a file that initializers point into; undefined if that file is not there. */
export type ReadExternal = (
  location: string,
  offset: number,
  length: number | undefined,
) => Uint8Array | undefined;

/** Numbers of the largest constant that is looked into: tables of 131,072 positions with 128 columns. */
const MAX_VALUES = 2 ** 24;

export type FloatType = 'float32' | 'float16';

/** Which of the two it is stored in; undefined for all other types. */
export function floatType(dataType: number): FloatType | undefined {
  if (dataType === (TensorProto_DataType.FLOAT as number)) return 'float32';
  return dataType === (TensorProto_DataType.FLOAT16 as number) ? 'float16' : undefined;
}

export function shapeOf(tensor: TensorProto): number[] {
  return tensor.dims.map(Number);
}

export function sizeOf(tensor: TensorProto): number {
  return shapeOf(tensor).reduce((size, side) => size * side, 1);
}

/**
 * The values of a float32 or float16 constant, widened.
 *
 * @param most only so many of the first ones
 * @throws Failure onnx-invalid if they are not there, or are of another number
 */
export function floatValues(
  tensor: TensorProto,
  external: ReadExternal,
  most = Infinity,
): Float32Array {
  const size = Math.min(most, sizeOf(tensor));
  const type = floatType(tensor.dataType);
  if (!type || !Number.isSafeInteger(size) || size < 0 || size > MAX_VALUES) {
    throw new Failure(
      'onnx-invalid',
      `The constant ${tensor.name} is not one of up to ${MAX_VALUES} floats.`,
    );
  }
  if (tensor.floatData.length > 0)
    return checked(tensor, Float32Array.from(tensor.floatData.slice(0, size)), size);
  if (tensor.int32Data.length > 0) {
    return checked(tensor, widen(Uint16Array.from(tensor.int32Data.slice(0, size))), size);
  }
  const width = type === 'float32' ? 4 : 2;
  const stored = rawBytes(tensor, size * width, external);
  const raw = most < sizeOf(tensor) ? stored.subarray(0, size * width) : stored;
  // A copy, since the bytes may not be aligned.
  const { buffer } = Uint8Array.from(raw);
  if (raw.byteLength !== size * width) return checked(tensor, new Float32Array(0), size);
  return type === 'float32' ? new Float32Array(buffer) : widen(new Uint16Array(buffer));
}

function checked(tensor: TensorProto, values: Float32Array, size: number): Float32Array {
  if (values.length === size) return values;
  throw new Failure(
    'onnx-invalid',
    `The constant ${tensor.name} does not hold its ${size} values.`,
  );
}

function rawBytes(tensor: TensorProto, length: number, external: ReadExternal): Uint8Array {
  if (tensor.dataLocation !== TensorProto_DataLocation.EXTERNAL) return tensor.rawData;
  const entry = (key: string) => tensor.externalData.find((pair) => pair.key === key)?.value;
  const location = entry('location') ?? '';
  const offset = Number(entry('offset') ?? 0);
  if (!Number.isSafeInteger(offset) || offset < 0) {
    throw new Failure(
      'onnx-invalid',
      `The constant ${tensor.name} lies at no offset of ${location}.`,
    );
  }
  const bytes = external(location, offset, length);
  if (bytes) return bytes;
  throw new Failure('files-missing', `The graph needs ${location}, which is not there.`);
}

function widen(halves: Uint16Array): Float32Array {
  const values = halfValues();
  return Float32Array.from(halves, (bits) => values[bits] ?? Number.NaN);
}
