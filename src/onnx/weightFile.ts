/** A file of weights that can be read anywhere and at once: ORT asks for its bytes while it makes a session, and waits. */
export interface WeightFile {
  readonly name: string;
  /** Bytes. */
  readonly length: number;
  /**
   * Bytes from `offset` on, which the caller does not write to.
   * @throws Failure if they cannot be read, or lie outside the file
   */
  read(offset: number, length: number): Uint8Array;
  /**
   * Fills `target` with the bytes from `offset` on, and leaves nothing in memory beside it.
   * @throws Failure if they cannot be read, or lie outside the file
   */
  readInto(offset: number, target: Uint8Array): void;
}

/** A file of which every read is a copy. */
export function copiedFile(
  name: string,
  length: number,
  readInto: WeightFile['readInto'],
): WeightFile {
  return {
    name,
    length,
    readInto,
    read: (offset, wanted) => {
      const bytes = new Uint8Array(Math.max(0, Math.min(wanted, length - offset)));
      readInto(offset, bytes);
      return bytes;
    },
  };
}

/**
 * Gives memory back at once. A collector would do it when it likes, and hundreds of megabytes may have been read by then.
 * Nothing may look at the buffer afterwards.
 */
export function free(buffer: ArrayBufferLike): void {
  if (buffer.byteLength === 0) return;
  // Not there before Node 22: the collector does it.
  (buffer as { transfer?: (length: number) => ArrayBuffer }).transfer?.(0);
}
