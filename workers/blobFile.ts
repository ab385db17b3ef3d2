import { Failure } from '../src/core/errors';
import { copiedFile, type WeightFile } from '../src/onnx/weightFile';

/** Read at once, beside what it is read into. */
const PIECE_BYTES = 2 ** 20;
/**
 * Of what nobody uses or touches, for every piece. What a FileReaderSync gives is garbage at once, but Chromium's collector does
 * not count it: 2 GiB in pieces of 1 MiB left 1.6 GiB. It counts this, and comes before there are 20 MiB.
 */
const PRESSURE_BYTES = 64 * 2 ** 20;

/** A Blob, read at once and in place: only a worker can. */
export function blobFile(name: string, blob: Blob): WeightFile {
  const reader = new FileReaderSync();
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
      if (end - begin === PIECE_BYTES) pressCollector();
    }
  });
}

/** Where there is no room for even that, the collector comes by itself. */
function pressCollector(): void {
  try {
    new Uint8Array(PRESSURE_BYTES);
  } catch {
    return;
  }
}
