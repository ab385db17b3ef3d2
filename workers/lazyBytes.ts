import { Failure } from '../src/core/errors';
import { type Segment, segmentContent } from '../src/onnx/weightLayout';
import { free, type WeightFile } from '../src/onnx/weightFile';

/**
 * A file of weights that ONNX Runtime takes for bytes in memory. It looks at two things while it makes a session: how long the
 * file is, and the part of it that one tensor lies in. So both are answered, and the part is read, and converted, at that
 * moment: beside the session's own memory there is never more than one tensor.
 */
export class LazyBytes extends Uint8Array {
  /** What was given last: ORT has taken it to itself by the time that it asks for the next. */
  #given: Uint8Array | undefined;
  readonly #length: number;
  readonly #read: (begin: number, end: number) => Uint8Array;
  /** What went wrong while ORT was reading: it knows only that something did. */
  #error: unknown;

  /** @param read bytes from `begin` to before `end`, an array of its own: it is freed when the next is asked for */
  constructor(length: number, read: (begin: number, end: number) => Uint8Array) {
    super(0);
    this.#length = length;
    this.#read = read;
  }

  override get byteLength(): number {
    return this.#length;
  }

  override subarray(begin = 0, end = this.#length): Uint8Array<ArrayBuffer> {
    this.release();
    try {
      this.#given = this.#read(begin, end);
      return this.#given as Uint8Array<ArrayBuffer>;
    } catch (error) {
      this.#error ??= error;
      throw error;
    }
  }

  /** Gives back what was given last: ORT has everything. */
  release(): void {
    if (this.#given) free(this.#given.buffer);
    this.#given = undefined;
  }

  get error(): unknown {
    return this.#error;
  }
}

/** The virtual file of that name. ORT asks for whole segments. */
export function virtualFile(
  location: string,
  length: number,
  segments: readonly Segment[],
  files: ReadonlyMap<string, WeightFile>,
): LazyBytes {
  const byOffset = new Map(
    segments.filter((segment) => segment.location === location).map((s) => [s.offset, s]),
  );
  return new LazyBytes(length, (begin, end) => {
    const segment = byOffset.get(begin);
    if (segment?.length !== end - begin) {
      throw new Failure('internal', `No tensor lies from ${begin} to ${end} in ${location}.`);
    }
    return segmentContent(segment, files);
  });
}
