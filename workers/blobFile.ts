import { Failure } from '../src/core/errors';
import { copiedFile, type WeightFile } from '../src/onnx/weightFile';
import { pressByBytes } from './collector';

/** Read at once, beside what it is read into. */
const PIECE_BYTES = 2 ** 19;

/** A Blob, read at once and in place: only a worker can. */
export function blobFile(name: string, blob: Blob): WeightFile {
  const reader = new FileReaderSync();
  const press = pressByBytes();
  return copiedFile(name, blob.size, (offset, target) => {
    for (let at = 0; at < target.byteLength; at += PIECE_BYTES) {
      const begin = offset + at;
      const end = begin + Math.min(PIECE_BYTES, target.byteLength - at);
      try {
        const piece = new Uint8Array(reader.readAsArrayBuffer(blob.slice(begin, end)));
        if (piece.byteLength < end - begin) throw new Error('It has become shorter.');
        target.set(piece, at);
      } catch (cause) {
        throw new Failure('weights-missing', `${name} can no longer be read.`, { cause });
      }
      press(end - begin);
    }
  });
}
