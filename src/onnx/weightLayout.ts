import { Failure } from '../core/errors';
import type { Packing } from '../core/packing';
import { roundToHalf } from './float16';
import { blockScales, int4Sizes, quantizeRows } from './quantization';
import type { TensorEntry } from './safetensors';
import { readValues, storedForm } from './tensorReading';
import type { WeightFile } from './weightFile';

/** What a graph wants of a tensor: its values in some precision, or one of the two parts of its 4-bit form. */
export type Form = 'float32' | 'float16' | 'bfloat16' | 'int4' | 'int4-scales';

/** A part of a virtual file: a tensor in one form. */
export interface Segment {
  readonly tensor: TensorEntry;
  readonly form: Form;
  /** Name of the virtual file, and where in it. */
  readonly location: string;
  readonly offset: number;
  /** Bytes. */
  readonly length: number;
}

/** ORT counts in 32 bits, so that one virtual file ends before that. */
const FILE_BYTES = 2 ** 31;
/** Where ORT likes tensors to begin. */
const ALIGNMENT = 64;

/** Forms of the weights, by what they are for. */
export interface PackingForms {
  /** Of linear maps. */
  readonly linear: 'float32' | 'float16' | 'int4';
  /** Of the rows of the embedding: 'stored' is what the checkpoint has them in. */
  readonly rows: 'float32' | 'float16' | 'stored';
  /** Bytes in float32 of the output head that one product may take, and of the embedding that one lookup may: larger ones are cut. */
  readonly productBytes: number;
  readonly lookupBytes: number;
  /** Is it better to make a session of one part of the layers after the other? */
  readonly inStages: boolean;
}

/** Where weights are to be held. */
export interface WeightPlace {
  readonly executionProvider: 'webgpu' | 'wasm';
  /** Can it hold and widen float16? */
  readonly halves: boolean;
}

/** On WASM: small beside the weights, and large enough that a step is no slower for the cuts. A lookup takes more nodes than a product. */
const PRODUCT_BYTES = 2 ** 22;
const LOOKUP_BYTES = 2 ** 24;

/**
 * On WebGPU one buffer serves lookup and last product. On WASM ORT has every matrix a second time while it packs it, or widens
 * it for a product: so the head, which is the largest, is cut into pieces, and the rows that are looked up stay as they are stored.
 */
export function packingForms(
  packing: Packing,
  { executionProvider, halves }: WeightPlace,
): PackingForms {
  const wasm = executionProvider === 'wasm';
  const productBytes = wasm ? PRODUCT_BYTES : Infinity;
  const lookupBytes = wasm ? LOOKUP_BYTES : Infinity;
  const half = halves ? 'float16' : 'float32';
  switch (packing) {
    case 'keep':
      return {
        linear: 'float32',
        rows: wasm ? 'stored' : 'float32',
        productBytes,
        lookupBytes,
        // ORT packs matrices of float32, and only those.
        inStages: wasm,
      };
    case 'float16':
      // Tied, both read the same pieces.
      return { linear: half, rows: half, productBytes, lookupBytes: productBytes, inStages: false };
    case 'int4':
      return { linear: 'int4', rows: half, productBytes, lookupBytes, inStages: false };
  }
}

/**
 * Virtual files for a graph's initializers to point into: they exist nowhere. What a segment holds is read from the checkpoint
 * and converted when ORT asks for it, so that no copy of the weights waits in memory for the session to take its own.
 */
export class WeightLayout {
  readonly forms: PackingForms;
  readonly #segments = new Map<string, Segment>();
  /** Bytes of each file so far. */
  readonly #files: number[] = [];

  constructor(forms: PackingForms) {
    this.forms = forms;
  }

  /** The segment that holds a tensor in this form: the same one whenever it is asked for. */
  place(tensor: TensorEntry, form: Form): Segment {
    const key = `${form} ${tensor.name}`;
    const known = this.#segments.get(key);
    if (known) return known;
    const length = segmentBytes(tensor, form);
    const last = this.#files.at(-1);
    if (last === undefined || last + length > FILE_BYTES) this.#files.push(0);
    const file = this.#files.length - 1;
    const offset = this.#files[file] ?? 0;
    this.#files[file] = Math.ceil((offset + length) / ALIGNMENT) * ALIGNMENT;
    const segment = { tensor, form, location: `weights-${file}`, offset, length };
    this.#segments.set(key, segment);
    return segment;
  }

  /** Bytes that the weights take in memory. */
  get bytes(): number {
    return this.segments.reduce((sum, { length }) => sum + length, 0);
  }

  get segments(): readonly Segment[] {
    return [...this.#segments.values()];
  }

  /** The virtual files' names and bytes. */
  get files(): readonly { readonly location: string; readonly length: number }[] {
    return this.#files.map((length, file) => ({ location: `weights-${file}`, length }));
  }
}

function segmentBytes({ dtype, length, shape }: TensorEntry, form: Form): number {
  const values = dtype === 'F32' ? length / 4 : length / 2;
  switch (form) {
    case 'float32':
      return 4 * values;
    case 'float16':
    case 'bfloat16':
      return 2 * values;
    case 'int4':
      return int4Sizes(shape).dataBytes;
    case 'int4-scales':
      return int4Sizes(shape).scaleBytes;
  }
}

/**
 * The bytes of a segment, from the checkpoint's files by their names: an array of its own.
 * @throws Failure weights-missing, weights-invalid, and whatever reading the file throws
 */
export function segmentContent(
  { tensor, form, length }: Segment,
  files: ReadonlyMap<string, WeightFile>,
): Uint8Array {
  const file = files.get(tensor.file);
  if (!file) throw new Failure('weights-missing', `${tensor.file} is not open.`);
  const content = new Uint8Array(length);
  if (form === storedForm(tensor)) {
    file.readInto(tensor.offset, content);
    return content;
  }
  const [, columns = 1] = tensor.shape;
  switch (form) {
    case 'float32': {
      const floats = new Float32Array(content.buffer);
      readValues(tensor, file, 1, (values, first) => floats.set(values, first));
      return content;
    }
    case 'float16': {
      const halves = new Uint16Array(content.buffer);
      readValues(tensor, file, 1, (values, first) => {
        for (let i = 0; i < values.length; i++) halves[first + i] = roundToHalf(values[i] ?? 0);
      });
      return content;
    }
    case 'bfloat16':
      throw new Failure('internal', `${tensor.name} is not stored as bfloat16.`);
    case 'int4':
      eachRows(tensor, file, content, int4Sizes([1, columns]).dataBytes, (values, data) => {
        quantizeRows(values, columns, data);
      });
      return content;
    case 'int4-scales':
      eachRows(tensor, file, content, int4Sizes([1, columns]).scaleBytes, (values, scales) => {
        const floats = new Float32Array(scales.buffer, scales.byteOffset, scales.byteLength / 4);
        blockScales(values, columns, floats);
      });
      return content;
  }
}

/** Gives whole rows of a matrix, and the part of `content` that is theirs. */
function eachRows(
  tensor: TensorEntry,
  file: WeightFile,
  content: Uint8Array,
  rowBytes: number,
  take: (values: Float32Array, part: Uint8Array) => void,
): void {
  const [, columns = 1] = tensor.shape;
  readValues(tensor, file, columns, (values, first) => {
    const from = first / columns;
    const to = from + values.length / columns;
    take(values, content.subarray(from * rowBytes, to * rowBytes));
  });
}
