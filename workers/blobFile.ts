import { Failure } from '../src/core/errors';
import type { WeightFile } from '../src/onnx/weightFile';

/** A Blob, read at once and in place: only a worker can. */
export function blobFile(name: string, blob: Blob): WeightFile {
  const reader = new FileReaderSync();
  return {
    name,
    length: blob.size,
    read: (offset, length) => {
      try {
        return new Uint8Array(reader.readAsArrayBuffer(blob.slice(offset, offset + length)));
      } catch (cause) {
        throw new Failure('weights-missing', `${name} can no longer be read.`, { cause });
      }
    },
  };
}
