import { Failure } from '../src/core/errors';
import { copiedFile, free, type WeightFile } from '../src/onnx/weightFile';

/** Read at once, beside what it is read into. */
const PIECE_BYTES = 2 ** 20;

/** A Blob, read at once and in place: only a worker can. */
export function blobFile(name: string, blob: Blob): WeightFile {
  const reader = new FileReaderSync();
  return copiedFile(name, blob.size, (offset, target) => {
    for (let at = 0; at < target.byteLength; at += PIECE_BYTES) {
      const begin = offset + at;
      const end = begin + Math.min(PIECE_BYTES, target.byteLength - at);
      try {
        const piece = reader.readAsArrayBuffer(blob.slice(begin, end));
        if (piece.byteLength < end - begin) throw new Error('It has become shorter.');
        target.set(new Uint8Array(piece), at);
        free(piece);
      } catch (cause) {
        throw new Failure('weights-missing', `${name} can no longer be read.`, { cause });
      }
    }
  });
}
