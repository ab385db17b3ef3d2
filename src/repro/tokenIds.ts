import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';

/** So many ids of a lane are carried; of more, a digest. */
export const CARRIED_IDS = 64;

const DIGEST_BYTES = 8;

/** Bits that the largest of these ids needs, 0 to 32. */
export function bitsFor(ids: readonly number[]): number {
  return ids.reduce((most, id) => Math.max(most, 32 - Math.clz32(id)), 0);
}

/** Ids of `bits` bits each, the highest bit first, zeros up to a whole byte. */
export function packIds(ids: readonly number[], bits: number): Uint8Array {
  const bytes = new Uint8Array(packedLength(ids.length, bits));
  let at = 0;
  for (const id of ids) {
    for (let bit = bits - 1; bit >= 0; bit--, at++) {
      const set = (id >>> bit) & 1;
      bytes[at >> 3] = (bytes[at >> 3] ?? 0) | (set << (7 - (at & 7)));
    }
  }
  return bytes;
}

/** @returns undefined if these are not the bytes of so many ids */
export function unpackIds(bytes: Uint8Array, count: number, bits: number): number[] | undefined {
  if (bits > 32 || bytes.byteLength !== packedLength(count, bits)) return undefined;
  const bitAt = (at: number) => ((bytes[at >> 3] ?? 0) >> (7 - (at & 7))) & 1;
  const ids = Array.from({ length: count }, (_, index) => {
    let id = 0;
    for (let bit = 0; bit < bits; bit++) id = ((id << 1) | bitAt(index * bits + bit)) >>> 0;
    return id;
  });
  for (let at = count * bits; at < 8 * bytes.byteLength; at++) {
    if (bitAt(at) !== 0) return undefined;
  }
  return ids;
}

/** Of ids too many to carry: the first 8 bytes of the SHA-256 of all, as little-endian uint32; hexadecimal. */
export function digestOf(ids: readonly number[]): string {
  const view = new DataView(new ArrayBuffer(4 * ids.length));
  ids.forEach((id, index) => view.setUint32(4 * index, id, true));
  return bytesToHex(sha256(new Uint8Array(view.buffer)).subarray(0, DIGEST_BYTES));
}

function packedLength(count: number, bits: number): number {
  return Math.ceil((count * bits) / 8);
}
