import { sha1 } from '@noble/hashes/legacy.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { Failure } from '../../src/core/errors';
import type { HubFile } from './hubListing';

/** Hashes a file while it arrives: its SHA-256, and git's id of it where that is all that the hub tells. */
export class ContentHash {
  readonly #file: HubFile;
  readonly #sha256 = sha256.create();
  readonly #blob;

  constructor(file: HubFile) {
    this.#file = file;
    this.#blob = file.sha256 === null && file.blobId !== null ? sha1.create() : null;
    // git hashes "blob", the length and a NUL before the content.
    this.#blob?.update(new TextEncoder().encode(`blob ${file.size}\0`));
  }

  update(bytes: Uint8Array): void {
    this.#sha256.update(bytes);
    this.#blob?.update(bytes);
  }

  /**
   * @returns the SHA-256, hexadecimal
   * @throws Failure download-corrupt if the hub names another hash
   */
  verified(): string {
    const { name, sha256: expected, blobId } = this.#file;
    const found = bytesToHex(this.#sha256.digest());
    const blob = this.#blob && bytesToHex(this.#blob.digest());
    if ((expected !== null && found !== expected) || (blob !== null && blob !== blobId)) {
      throw new Failure(
        'download-corrupt',
        `${name} does not have the hash that the hub names: it was damaged on its way, or is another file.`,
      );
    }
    return found;
  }
}
