import { copiedFile, type WeightFile } from '../../src/onnx/weightFile';
import { inTurns } from './inTurns';
import type { StoreFiles } from './storeFiles';

/** Files in memory, for where nothing may be kept: they are gone with the page. */
export function memoryFiles(): StoreFiles {
  const files = new Map<string, { readonly chunks: Uint8Array[]; length: number }>();
  return {
    size: (name) => Promise.resolve(files.get(name)?.length),
    open: (name) => {
      const file = files.get(name);
      return Promise.resolve(file && chunkedFile(name, file.chunks));
    },
    append: (name) => {
      const file = files.get(name) ?? { chunks: [], length: 0 };
      files.set(name, file);
      return Promise.resolve({
        get length() {
          return file.length;
        },
        write: (bytes: Uint8Array) => {
          file.chunks.push(bytes.slice());
          file.length += bytes.byteLength;
        },
        close: () => undefined,
      });
    },
    write: (name, bytes) => {
      files.set(name, { chunks: [bytes.slice()], length: bytes.byteLength });
      return Promise.resolve();
    },
    remove: (name) => {
      files.delete(name);
      return Promise.resolve();
    },
    names: () => Promise.resolve([...files.keys()]),
    locked: inTurns(),
  };
}

/** One file that lies in pieces. */
export function chunkedFile(name: string, chunks: readonly Uint8Array[]): WeightFile {
  const starts: number[] = [];
  let total = 0;
  for (const chunk of chunks) {
    starts.push(total);
    total += chunk.byteLength;
  }
  return copiedFile(name, total, (offset, target) => {
    const end = offset + target.byteLength;
    chunks.forEach((chunk, i) => {
      const start = starts[i] ?? 0;
      const from = Math.max(offset, start);
      const to = Math.min(end, start + chunk.byteLength);
      if (from < to) target.set(chunk.subarray(from - start, to - start), from - offset);
    });
  });
}
