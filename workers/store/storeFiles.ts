import type { WeightFile } from '../../src/onnx/weightFile';

/** A file that grows at its end. */
export interface Appender {
  /** Bytes that it has. */
  readonly length: number;
  /** @throws Failure storage-full if there is no room; what was written before stays */
  write(bytes: Uint8Array): void | Promise<void>;
  /** What was written is then safe. */
  close(): void | Promise<void>;
}

/** A flat folder of files that outlive the page, or the process: all that a store needs of a file system. */
export interface StoreFiles {
  /** Bytes; undefined if there is no such file. */
  size(name: string): Promise<number | undefined>;
  /** To be read anywhere and at once; undefined if there is no such file. */
  open(name: string): Promise<WeightFile | undefined>;
  /** To be written to at its end; made if there is none. One at a time. */
  append(name: string): Promise<Appender>;
  /** Writes a small file, or writes it anew: whole or not at all. */
  write(name: string, bytes: Uint8Array): Promise<void>;
  /** No error if there is none. */
  remove(name: string): Promise<void>;
  names(): Promise<readonly string[]>;
  /** Does `work` while nobody else holds the lock of that name. `onWaiting` is called if somebody does. */
  locked<T>(
    name: string,
    signal: AbortSignal,
    onWaiting: () => void,
    work: () => Promise<T>,
  ): Promise<T>;
}
