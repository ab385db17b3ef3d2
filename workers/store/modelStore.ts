import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import type { WeightFile } from '../../src/onnx/weightFile';
import type { StoredModel } from '../../src/protocol/models';
import { formatManifest, joinManifests, type Manifest, parseManifest } from './manifest';
import type { StoreFiles } from './storeFiles';

/** A larger one is not of our writing. */
const MOST_MANIFEST_BYTES = 2 ** 20;
const MANIFEST = /^model-[0-9a-f]{32}\.json$/;

/**
 * Models that are kept. Files are named after their SHA-256, so that two commits share what they have in common; a file is
 * whole, and is served, only once the mark of its verification stands beside it.
 */
export class ModelStore {
  readonly files: StoreFiles;
  /** Does it outlive the page? */
  readonly lasting: boolean;

  constructor(files: StoreFiles, lasting: boolean) {
    this.files = files;
    this.lasting = lasting;
  }

  /** A file that was verified; undefined if there is none, or if it is not as long as it was. */
  async verified(hash: string): Promise<WeightFile | undefined> {
    const mark = await this.files.open(markName(hash));
    if (!mark) return undefined;
    const file = await this.files.open(contentName(hash));
    return file?.length === lengthIn(mark) ? file : undefined;
  }

  /** Bytes of a file that are there, verified or not. */
  async storedBytes(hash: string): Promise<number> {
    return (await this.files.size(contentName(hash))) ?? 0;
  }

  async markVerified(hash: string, length: number): Promise<void> {
    await this.files.write(markName(hash), new TextEncoder().encode(String(length)));
  }

  async discard(hash: string): Promise<void> {
    await this.files.remove(markName(hash));
    await this.files.remove(contentName(hash));
  }

  /** Keeps a small file whose content was verified. */
  async keep(hash: string, bytes: Uint8Array): Promise<void> {
    await this.files.write(contentName(hash), bytes);
    await this.markVerified(hash, bytes.byteLength);
  }

  /** Adds to what is known of that commit. */
  async writeManifest(manifest: Manifest): Promise<void> {
    const name = manifestName(manifest);
    const before = await this.#manifest(name);
    await this.files.write(
      name,
      formatManifest(before ? joinManifests(before, manifest) : manifest),
    );
  }

  /** The newest first. */
  async manifests(): Promise<Manifest[]> {
    const found: Manifest[] = [];
    for (const name of await this.files.names()) {
      const manifest = MANIFEST.test(name) ? await this.#manifest(name) : undefined;
      if (manifest) found.push(manifest);
    }
    return found.sort((a, b) => b.storedAt - a.storedAt);
  }

  async list(): Promise<StoredModel[]> {
    const manifests = await this.manifests();
    return Promise.all(
      manifests.map(async (manifest) => {
        const { hub, id, commit, totalBytes, storedAt, files } = manifest;
        const sizes = await Promise.all(
          Object.values(files).map((file) => this.storedBytes(file.sha256)),
        );
        const bytes = sizes.reduce((sum, size) => sum + size, 0);
        const key = manifestName(manifest);
        const complete = manifest.complete && bytes >= totalBytes;
        return { key, hub, id, commit, bytes, totalBytes, complete, storedAt };
      }),
    );
  }

  /**
   * Deletes a model, and of its files those that no other model needs. Its manifest goes last, so that what could not be deleted
   * can be later.
   * @throws Failure busy if a file is being written
   */
  async delete(key: string): Promise<void> {
    const manifest = MANIFEST.test(key) ? await this.#manifest(key) : undefined;
    if (!manifest) return;
    const others = (await this.manifests()).filter((other) => manifestName(other) !== key);
    const needed = new Set(
      others.flatMap(({ files }) => Object.values(files).map((file) => file.sha256)),
    );
    for (const { sha256: hash } of Object.values(manifest.files)) {
      if (!needed.has(hash)) await this.discard(hash);
    }
    await this.files.remove(key);
  }

  async #manifest(name: string): Promise<Manifest | undefined> {
    const file = await this.files.open(name);
    if (!file || file.length > MOST_MANIFEST_BYTES) return undefined;
    const manifest = parseManifest(file.read(0, file.length));
    return manifest && manifestName(manifest) === name ? manifest : undefined;
  }
}

/** One for each commit of each model of each hub. */
function manifestName({ hub, id, commit }: Pick<Manifest, 'hub' | 'id' | 'commit'>): string {
  const digest = sha256(new TextEncoder().encode([hub, id, commit].join('\n')));
  return `model-${bytesToHex(digest).slice(0, 32)}.json`;
}

export function contentName(hash: string): string {
  return `${hash}.bin`;
}

function markName(hash: string): string {
  return `${hash}.verified`;
}

function lengthIn(mark: WeightFile): number {
  return mark.length > 20 ? -1 : Number(new TextDecoder().decode(mark.read(0, mark.length)));
}
