import { Failure } from '../core/errors';

/** Bytes per element of each dtype of the safetensors format. */
const DTYPE_BYTES = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E5M2: 1,
  F8_E4M3: 1,
  I16: 2,
  U16: 2,
  F16: 2,
  BF16: 2,
  I32: 4,
  U32: 4,
  F32: 4,
  I64: 8,
  U64: 8,
  F64: 8,
} as const;

export type Dtype = keyof typeof DTYPE_BYTES;

export interface TensorEntry {
  readonly name: string;
  /** The safetensors file that holds it. */
  readonly file: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** First byte, counted from the beginning of the file. */
  readonly offset: number;
  /** Bytes. */
  readonly length: number;
}

/** The header of a safetensors file: where each tensor lies. */
export interface Checkpoint {
  readonly tensors: ReadonlyMap<string, TensorEntry>;
  /** Bytes before the first tensor: the length field and the header. */
  readonly dataStart: number;
  readonly fileLength: number;
}

/** The format's own limit is 100 MB; 1.7B-parameter decoders need 60 kB. */
const MAX_HEADER_BYTES = 16 * 1024 * 1024;
const MAX_TENSORS = 100_000;
const MAX_RANK = 8;

/** The usual name of a checkpoint that is one file. */
export const WEIGHTS_FILE = 'model.safetensors';

/** Says which file it is that is not valid. */
type Invalid = (message: string) => Failure;
const invalidIn =
  (file: string): Invalid =>
  (message) =>
    new Failure('weights-invalid', `${file}: ${message}`);

/**
 * Number of bytes of the header, from the first eight bytes of the file (unsigned 64-bit, little-endian).
 * @throws Failure weights-truncated, weights-invalid
 */
export function headerLength(start: Uint8Array, fileLength: number, file = WEIGHTS_FILE): number {
  if (start.byteLength < 8 || fileLength < 8) {
    throw new Failure(
      'weights-truncated',
      `${file}: ${fileLength} bytes are too few for a safetensors file`,
    );
  }
  const declared = new DataView(start.buffer, start.byteOffset, 8).getBigUint64(0, true);
  if (declared > BigInt(MAX_HEADER_BYTES)) {
    throw invalidIn(file)(
      `the header claims ${declared} bytes, more than the ${MAX_HEADER_BYTES} allowed`,
    );
  }
  const length = Number(declared);
  if (8 + length > fileLength) {
    throw new Failure(
      'weights-truncated',
      `${file}: the header claims ${length} bytes, but the file ends after ${fileLength}`,
    );
  }
  return length;
}

/**
 * Reads and checks the header: known dtypes, shapes that fit their byte ranges, ranges that neither overlap nor leave
 * the file.
 *
 * @param bytes the file, or at least its length field and header
 * @param fileLength length of the whole file in bytes
 * @throws Failure weights-truncated, weights-invalid
 */
export function parseCheckpoint(
  bytes: Uint8Array,
  fileLength = bytes.byteLength,
  file = WEIGHTS_FILE,
): Checkpoint {
  const invalid = invalidIn(file);
  const length = headerLength(bytes, fileLength, file);
  const dataStart = 8 + length;
  const header = parseHeaderJson(bytes.subarray(8, dataStart), file);
  const entries = Object.entries(header).filter(([name]) => name !== '__metadata__');
  if (entries.length > MAX_TENSORS) throw invalid(`${entries.length} tensors are too many`);
  const tensors = new Map<string, TensorEntry>();
  for (const [name, value] of entries) {
    tensors.set(name, parseEntry(name, value, dataStart, file));
  }
  checkRanges([...tensors.values()], dataStart, fileLength, file);
  return { tensors, dataStart, fileLength };
}

function parseHeaderJson(bytes: Uint8Array, file: string): object {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new Failure('weights-invalid', `${file}: the header is not JSON`, { cause });
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header)) {
    throw invalidIn(file)('the header is not an object');
  }
  return header;
}

function parseEntry(name: string, value: unknown, dataStart: number, file: string): TensorEntry {
  const invalid = invalidIn(file);
  const quoted = JSON.stringify(name.slice(0, 200));
  if (typeof value !== 'object' || value === null) throw invalid(`${quoted} is not described`);
  const { dtype, shape, data_offsets: offsets } = value as Record<string, unknown>;
  if (typeof dtype !== 'string' || !isDtype(dtype)) {
    throw invalid(`${quoted} has the unknown dtype ${JSON.stringify(dtype ?? null).slice(0, 40)}`);
  }
  if (!Array.isArray(shape) || shape.length > MAX_RANK || !shape.every(isCount)) {
    throw invalid(`${quoted} has no valid shape`);
  }
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount)) {
    throw invalid(`${quoted} has no valid offsets`);
  }
  const [begin, end] = offsets as [number, number];
  if (end < begin) throw invalid(`${quoted} ends at ${end}, before it begins at ${begin}`);
  const expected = shape.reduce((product, size) => product * size, DTYPE_BYTES[dtype]);
  if (end - begin !== expected) {
    throw invalid(
      `${quoted} has ${end - begin} bytes, but ${dtype} [${shape.join(', ')}] needs ${expected}`,
    );
  }
  return { name, file, dtype, shape, offset: dataStart + begin, length: end - begin };
}

function checkRanges(
  tensors: TensorEntry[],
  dataStart: number,
  fileLength: number,
  file: string,
): void {
  let last: TensorEntry | undefined;
  // An empty tensor has no bytes to overlap with, wherever it says that it is.
  const occupied = tensors.filter(({ length }) => length > 0);
  for (const tensor of occupied.toSorted((a, b) => a.offset - b.offset)) {
    if (last && tensor.offset < last.offset + last.length) {
      throw invalidIn(file)(`the bytes of "${tensor.name}" overlap those of "${last.name}"`);
    }
    last = tensor;
  }
  const end = last ? last.offset + last.length : dataStart;
  if (end > fileLength) {
    throw new Failure(
      'weights-truncated',
      `${file}: "${last?.name}" ends at byte ${end}, but the file ends after ${fileLength}`,
    );
  }
}

function isDtype(text: string): text is Dtype {
  return Object.hasOwn(DTYPE_BYTES, text);
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
