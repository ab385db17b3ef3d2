import { type ErrorCode, Failure } from '../src/core/errors';

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
}

export type OpenSource = (location: string) => ModelSource | Promise<ModelSource>;

/** Files under an address, read with fetch. */
export function fetchSource(location: string): ModelSource {
  return {
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
