/** A file of weights that can be read anywhere and at once: ORT asks for its bytes while it makes a session, and waits. */
export interface WeightFile {
  readonly name: string;
  /** Bytes. */
  readonly length: number;
  /**
   * Bytes of its own from `offset` on, which the caller does not write to.
   * @throws Failure if they cannot be read, or lie outside the file
   */
  read(offset: number, length: number): Uint8Array;
}
