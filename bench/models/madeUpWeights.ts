import { createHash } from 'node:crypto';
import { bfloat16Bits } from '../../workers/testing/halfPrecision';
import { type DecoderTensor, decoderTensors } from '../../workers/testing/decoderTensors';
import type { RandomModelConfig } from '../../workers/testing/randomModel';
import type { HubContent } from '../../workers/testing/testHub';

/** Values of the sequence that all tensors are cut from. A prime, so that no two rows of a matrix are alike. */
const PERIOD = 1_048_573;
/** Values between where one tensor begins in that sequence and where the next does. */
const STRIDE = 7919;
const HASHED_AT_ONCE = 16 * 2 ** 20;

interface Placed {
  /** Bytes, from the beginning of the file. */
  readonly begin: number;
  readonly end: number;
  /** One period of its values as bfloat16, twice over. */
  readonly values: Uint8Array;
  /** Byte of the period with which it begins. */
  readonly phase: number;
}

/**
 * A model.safetensors in bfloat16 that is nowhere: what is read of it is copied out of a few megabytes of pseudo-random
 * numbers. Matrices are scaled by their width, so that what goes through them keeps its size and logits are finite.
 */
export function madeUpWeights(config: RandomModelConfig): HubContent {
  const tensors = decoderTensors(config);
  const header = headerOf(tensors);
  const placed = placeTensors(tensors, header.byteLength);
  const size = placed.at(-1)?.end ?? header.byteLength;
  const read = (from: number, to: number) => {
    const bytes = new Uint8Array(to - from);
    if (from < header.byteLength) bytes.set(header.subarray(from, to));
    for (const tensor of placed) {
      if (tensor.begin < to && tensor.end > from) copyPart(tensor, from, to, bytes);
    }
    return bytes;
  };
  return { size, sha256: hashOf(size, read), read };
}

/** The length of the header, and the header: where each tensor lies. */
export function headerOf(tensors: readonly DecoderTensor[]): Uint8Array {
  let at = 0;
  const entries = tensors.map(({ name, shape }) => {
    const begin = at;
    at += bytesOf(shape);
    return [name, { dtype: 'BF16', shape, data_offsets: [begin, at] }] as const;
  });
  const json = JSON.stringify(Object.fromEntries(entries));
  // As the format's own writer does, so that tensors begin at even places.
  const text = new TextEncoder().encode(json.padEnd(Math.ceil(json.length / 8) * 8));
  const header = new Uint8Array(8 + text.byteLength);
  new DataView(header.buffer).setBigUint64(0, BigInt(text.byteLength), true);
  header.set(text, 8);
  return header;
}

export function bytesOf(shape: readonly number[]): number {
  return shape.reduce((product, side) => product * side, 2);
}

function placeTensors(tensors: readonly DecoderTensor[], dataStart: number): Placed[] {
  const made = new Map<string, Uint8Array>();
  let end = dataStart;
  return tensors.map(({ shape, kind }, index) => {
    const begin = end;
    end += bytesOf(shape);
    const width = shape.at(-1) ?? 1;
    const key = kind === 'matrix' ? `matrix ${width}` : kind;
    const values = made.get(key) ?? periodOf(kind, width);
    made.set(key, values);
    return { begin, end, values, phase: 2 * ((index * STRIDE) % PERIOD) };
  });
}

/** Uniform: matrices so that variance is kept, norms around 1, biases small. */
function periodOf(kind: DecoderTensor['kind'], width: number): Uint8Array {
  const spread = kind === 'matrix' ? Math.sqrt(3 / width) : kind === 'norm' ? 0.25 : 0.1;
  const centre = kind === 'norm' ? 1 : 0;
  const bits = new Uint16Array(2 * PERIOD);
  let state = 1;
  for (let i = 0; i < PERIOD; i++) {
    // A linear congruential generator (Numerical Recipes): its upper half is random enough for this.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    bits[i] = bfloat16Bits(centre + spread * (state / 2 ** 31));
  }
  bits.copyWithin(PERIOD, 0, PERIOD);
  return new Uint8Array(bits.buffer);
}

/** What of a tensor lies between two bytes of the file, to its place in `bytes`. */
function copyPart(
  { begin, end, values, phase }: Placed,
  from: number,
  to: number,
  bytes: Uint8Array,
): void {
  const last = Math.min(end, to);
  for (let at = Math.max(begin, from); at < last;) {
    const start = (phase + at - begin) % (2 * PERIOD);
    const length = Math.min(last - at, values.byteLength - start);
    bytes.set(values.subarray(start, start + length), at - from);
    at += length;
  }
}

function hashOf(size: number, read: HubContent['read']): string {
  const hash = createHash('sha256');
  for (let at = 0; at < size; at += HASHED_AT_ONCE) {
    hash.update(read(at, Math.min(size, at + HASHED_AT_ONCE)));
  }
  return hash.digest('hex');
}
