import { deflateSync, Inflate } from 'fflate';

/** Compressed bytes per push: what comes out of one, at most a thousandfold, is little beyond the limit. */
const CHUNK_BYTES = 1024;

/** Raw DEFLATE (RFC 1951). */
export function deflate(bytes: Uint8Array): Uint8Array {
  return deflateSync(bytes, { level: 9 });
}

/**
 * The reverse, for data of strangers.
 * @returns undefined as soon as more than `limit` bytes came out
 * @throws if it is not raw DEFLATE, or is incomplete
 */
export function inflate(bytes: Uint8Array, limit: number): Uint8Array | undefined {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const stream = new Inflate((chunk) => {
    length += chunk.byteLength;
    if (length <= limit) chunks.push(chunk);
  });
  for (let from = 0; from < bytes.byteLength && length <= limit; from += CHUNK_BYTES) {
    const to = from + CHUNK_BYTES;
    stream.push(bytes.subarray(from, to), to >= bytes.byteLength);
  }
  if (length > limit) return undefined;
  const whole = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.byteLength;
  }
  return whole;
}
