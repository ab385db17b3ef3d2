import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { type ErrorCode, Failure } from '../src/core/errors';
import type { WeightFile } from '../src/onnx/weightFile';
import type { ModelOrigin, ModelReference } from '../src/protocol/models';

/** A place that holds a model's files: a directory of the page's origin, or of the disk. */
export interface ModelSource {
  /**
   * Reads one file, or gives undefined if there is none of that name.
   * @param limit bytes; a larger file is refused before it is allocated
   * @param onBytes called as bytes arrive, with the file's size where it is known
   * @throws Failure network, weights-truncated, cancelled, or that the file is too large
   */
  read(
    file: string,
    limit: number,
    onBytes: (loaded: number, total: number) => void,
    signal: AbortSignal,
  ): Promise<Uint8Array | undefined>;

  /**
   * Reads a part of a file, fewer bytes if it ends before, or gives undefined if there is none of that name. Nothing else of
   * it need arrive.
   * @throws Failure network, cancelled
   */
  readRange(
    file: string,
    offset: number,
    length: number,
    signal: AbortSignal,
  ): Promise<Uint8Array | undefined>;

  /**
   * Makes a whole file of weights readable, and hashes it. A hub's is fetched, checked against the hash that the hub names,
   * and kept; one of this machine is read in place.
   * @param onWaiting called when somebody else is fetching it, or a hub asks for patience
   * @throws Failure as `read` does, and download-corrupt
   */
  open(
    file: string,
    limit: number,
    onBytes: (loaded: number, total: number) => void,
    signal: AbortSignal,
    onWaiting?: () => void,
  ): Promise<OpenedFile | undefined>;

  /** Everything that the model needs was read: what was stored of it is complete. */
  finish?(): Promise<void>;

  /** What was asked for, a hub's revision resolved to its commit. */
  readonly reference: ModelReference;
  /** What the model is called. */
  readonly id: string;
  readonly origin: ModelOrigin;
  /** Names of its files and their bytes; null where they cannot be listed. */
  readonly files: ReadonlyMap<string, SourceFile> | null;
  /** What became of it that a visitor should know, a sentence each. Grows while files are opened. */
  readonly notes: readonly string[];
}

export interface SourceFile {
  /** Bytes. */
  readonly size: number;
  /** Bytes of it that are on this machine already. */
  readonly storedBytes: number;
}

export interface OpenedFile extends WeightFile {
  /** Hexadecimal. */
  readonly sha256: string;
}

export type OpenSource = (
  reference: ModelReference,
  signal: AbortSignal,
) => ModelSource | Promise<ModelSource>;

/** Of a file that is read whole for a part of it. */
const MOST_WHOLE_BYTES = 2 ** 31;

/** The rest of a source whose files are small enough to be read whole, from its `read`. */
export function wholeFiles(location: string, id: string, read: ModelSource['read']): ModelSource {
  /** What was read for the sake of a part of it: whoever wants the whole next takes it, and it is let go. */
  const kept = new Map<string, ReturnType<ModelSource['read']>>();
  const once: ModelSource['read'] = async (file, limit, onBytes, signal) => {
    const before = kept.get(file);
    kept.delete(file);
    if (!before) return read(file, limit, onBytes, signal);
    const bytes = await before;
    if (bytes && bytes.byteLength > limit) throw tooLarge(file, bytes.byteLength, limit);
    if (bytes) onBytes(bytes.byteLength, bytes.byteLength);
    return bytes;
  };
  const part: ModelSource['readRange'] = async (file, offset, length, signal) => {
    const reading = kept.get(file) ?? read(file, MOST_WHOLE_BYTES, () => undefined, signal);
    kept.set(file, reading);
    const bytes = await reading.catch((error: unknown) => {
      kept.delete(file);
      throw error;
    });
    return bytes?.subarray(offset, offset + length);
  };
  return {
    reference: { kind: 'directory', location },
    id,
    origin: { kind: 'directory', hub: null, commit: null },
    files: null,
    notes: [],
    read: once,
    readRange: part,
    open: async (file, limit, onBytes, signal) => {
      const bytes = await once(file, limit, onBytes, signal);
      return bytes && memoryFile(file, bytes);
    },
  };
}

/** A file whose bytes are in memory. */
export function memoryFile(name: string, bytes: Uint8Array): OpenedFile {
  return {
    name,
    length: bytes.byteLength,
    read: (offset, length) => bytes.subarray(offset, offset + length),
    readInto: (offset, target) => target.set(bytes.subarray(offset, offset + target.byteLength)),
    sha256: bytesToHex(sha256(bytes)),
  };
}

/** Files under an address, read with fetch. */
export function fetchSource(location: string): ModelSource {
  return wholeFiles(location, location, readWithFetch(location));
}

function readWithFetch(location: string): ModelSource['read'] {
  const source: Pick<ModelSource, 'read'> = {
    read: (file, limit, onBytes, signal) =>
      withNames(file, signal, async () => {
        const response = await fetch(new URL(file, location), { signal });
        if (response.status === 404) return undefined;
        if (!response.ok) {
          throw new Failure('network', `${file} was answered with status ${response.status}`);
        }
        return readBody(response, file, limit, onBytes);
      }),
  };
  return source.read;
}

async function readBody(
  response: Response,
  file: string,
  limit: number,
  onBytes: (loaded: number, total: number) => void,
): Promise<Uint8Array> {
  // With a content encoding the length counts compressed bytes, which says nothing about the file.
  const encoded = response.headers.has('content-encoding');
  const declared = encoded
    ? Number.NaN
    : Number(response.headers.get('content-length') ?? Number.NaN);
  if (declared > limit) throw tooLarge(file, declared, limit);
  const collected = new Collector(declared);
  if (response.body) {
    const reader = response.body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      if (collected.length + value.byteLength > limit) {
        await reader.cancel();
        throw tooLarge(file, collected.length + value.byteLength, limit);
      }
      collected.add(value);
      onBytes(collected.length, Math.max(collected.length, declared || 0));
    }
  }
  if (collected.length < declared) {
    throw new Failure(
      'network',
      `${file} was cut off after ${collected.length} of ${declared} bytes`,
    );
  }
  return collected.bytes();
}

/** Bytes that arrive in chunks. Where the size is known they are written to their place: no second copy. */
class Collector {
  length = 0;
  readonly #whole: Uint8Array | undefined;
  readonly #chunks: Uint8Array[] = [];

  constructor(declared: number) {
    if (declared >= 0) this.#whole = new Uint8Array(declared);
  }

  add(chunk: Uint8Array): void {
    if (this.#whole && this.length + chunk.byteLength <= this.#whole.byteLength) {
      this.#whole.set(chunk, this.length);
    } else if (this.#whole) {
      throw new Failure('network', 'more bytes arrived than were announced');
    } else {
      this.#chunks.push(chunk);
    }
    this.length += chunk.byteLength;
  }

  bytes(): Uint8Array {
    if (this.#whole) return this.#whole;
    const whole = new Uint8Array(this.length);
    let offset = 0;
    for (const chunk of this.#chunks) {
      whole.set(chunk, offset);
      offset += chunk.byteLength;
    }
    return whole;
  }
}

async function withNames<T>(file: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (signal.aborted) throw new Failure('cancelled', 'Loading was stopped.', { cause });
    if (cause instanceof Failure) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Failure('network', `${file} could not be fetched: ${why}`, { cause });
  }
}

export function tooLarge(file: string, size: number, limit: number): Failure {
  const code: ErrorCode = file.endsWith('.safetensors')
    ? 'weights-invalid'
    : file.startsWith('tokenizer')
      ? 'tokenizer-invalid'
      : 'config-invalid';
  return new Failure(code, `${file} has ${size} bytes, more than the ${limit} allowed`);
}
