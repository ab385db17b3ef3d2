import { Failure, toAppError } from '../../src/core/errors';
import { DEFAULT_REVISION } from '../../src/protocol/models';
import type { ModelSource, OpenedFile, SourceFile } from '../modelSource';
import { memoryFile, tooLarge } from '../modelSource';
import type { Manifest } from '../store/manifest';
import type { ModelStore } from '../store/modelStore';
import { ContentHash } from './contentHash';
import { download } from './download';
import { checkHubReference, fileUrl, type HubReference, isCommit, listingUrl } from './hubAddress';
import { type HubFile, type HubListing, parseListing } from './hubListing';
import { fetchWhole } from './fetchWhole';
import { Interrupted, isOffline, type Patience, PATIENCE, untilDone } from './hubRequest';

const MOST_LISTING_BYTES = 8 * 2 ** 20;
/** Of a file that is fetched into memory. Git itself, without LFS, holds only such ones. */
const MOST_SMALL_BYTES = 64 * 2 ** 20;
const nobody = () => undefined;

export interface HubSourceOptions {
  readonly store: ModelStore;
  readonly signal: AbortSignal;
  readonly patience?: Patience;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/**
 * A model of a hub. What was stored whole is not asked for again: a commit that is complete needs no hub. Where there is no
 * network, a branch or a tag is the newest commit of it that is stored.
 * @throws Failure hub-invalid, hub-not-found, hub-gated, hub-busy, network, offline, cancelled
 */
export async function hubSource(
  wanted: HubReference,
  options: HubSourceOptions,
): Promise<ModelSource> {
  const reference = checkHubReference(wanted);
  const kept = (await options.store.manifests()).filter(
    ({ hub, id, complete }) => complete && hub === reference.hub && id === reference.id,
  );
  const exact = kept.find(({ commit }) => commit === reference.revision);
  if (exact) return sourceOf(reference, listingOf(exact), options, []);
  const newest =
    kept.find(({ revision }) => revision === reference.revision) ??
    (reference.revision === DEFAULT_REVISION ? kept.find(isNamedByCommit) : undefined);
  try {
    // Asking again and again would only take time.
    if (newest && isOffline()) throw new Failure('offline', 'There is no network.');
    return await sourceOf(reference, await fetchListing(reference, options), options, []);
  } catch (error) {
    const { code } = toAppError(error);
    if (!newest || (code !== 'network' && code !== 'offline')) throw error;
    const note = `The hub could not be reached, so this is the commit ${newest.commit.slice(0, 12)} that is stored here; there may be a newer one.`;
    return sourceOf(reference, listingOf(newest), options, [note]);
  }
}

/** Nobody has said which branch it is of: it may be any. */
function isNamedByCommit({ revision, commit }: Manifest): boolean {
  return revision === commit;
}

function listingOf({ commit, files, others }: Manifest): HubListing {
  return {
    commit,
    files: new Map(
      Object.entries({ ...others, ...files }).map(([name, { sha256, size }]) => [
        name,
        { name, size, sha256, blobId: null },
      ]),
    ),
  };
}

async function fetchListing(
  reference: HubReference,
  { signal, patience = PATIENCE }: HubSourceOptions,
): Promise<HubListing> {
  const what = `repository ${reference.id} at ${reference.revision}`;
  const bytes = await untilDone(
    () => fetchWhole(listingUrl(reference), what, MOST_LISTING_BYTES, patience, signal),
    () => 0,
    what,
    patience,
    signal,
  );
  const listing = parseListing(new TextDecoder().decode(bytes));
  if (isCommit(reference.revision) && listing.commit !== reference.revision) {
    throw new Failure('hub-invalid', `The hub answers with another commit, ${listing.commit}.`);
  }
  return listing;
}

async function sourceOf(
  asked: HubReference,
  { commit, files }: HubListing,
  { store, signal: life, patience = PATIENCE, now = Date.now }: HubSourceOptions,
  notes: string[],
): Promise<ModelSource> {
  const reference: HubReference = { ...asked, revision: commit };
  const sizes = new Map<string, SourceFile>();
  for (const { name, size, sha256 } of files.values()) {
    const storedBytes = sha256 === null ? 0 : Math.min(size, await store.storedBytes(sha256));
    sizes.set(name, { size, storedBytes });
  }
  if (!store.lasting) {
    notes.push(
      'This browser keeps no files for this page, so the model is fetched again each time.',
    );
  }
  /** What was used, and so what makes the model complete. */
  const used: Record<string, { sha256: string; size: number }> = {};
  const manifest = (complete: boolean): Manifest => ({
    version: 1,
    hub: asked.hub,
    id: asked.id,
    revision: asked.revision,
    commit,
    files: used,
    others: exportsOf(files),
    totalBytes: Object.values(used).reduce((sum, { size }) => sum + size, 0),
    complete,
    storedAt: now(),
  });
  const remember = async (complete: boolean) => {
    await store.writeManifest(manifest(complete)).catch((error: unknown) => {
      if (toAppError(error).code !== 'storage-full') throw error;
    });
  };
  let overflowed = false;
  /** Small files that have arrived. A look at a model stores nothing: they are stored once it is loaded. */
  const small = new Map<string, { readonly sha256: string; readonly bytes: Uint8Array }>();
  const keepSmall = async () => {
    for (const [name, { sha256, bytes }] of small) {
      await store.keep(sha256, bytes).catch((error: unknown) => {
        if (toAppError(error).code !== 'storage-full') throw error;
        overflowed = true;
      });
      small.delete(name);
    }
  };

  const fetchSmall = async (file: HubFile, signal: AbortSignal): Promise<Uint8Array> => {
    const before = small.get(file.name);
    if (before) return before.bytes;
    checkUnstored(file);
    const bytes = await untilDone(
      async () => {
        const url = fileUrl(reference, commit, file.name);
        const whole = await fetchWhole(url, file.name, file.size, patience, signal);
        if (whole.byteLength < file.size) throw new Interrupted('it was cut off');
        return whole;
      },
      () => 0,
      file.name,
      patience,
      signal,
    );
    const hash = new ContentHash(file);
    hash.update(bytes);
    const sha256 = hash.verified();
    used[file.name] = { sha256, size: file.size };
    small.set(file.name, { sha256, bytes });
    return bytes;
  };

  const read: ModelSource['read'] = async (name, limit, onBytes, signal) => {
    const file = files.get(name);
    if (!file) return undefined;
    if (file.size > limit) throw tooLarge(name, file.size, limit);
    const kept = file.sha256 === null ? undefined : await store.verified(file.sha256);
    if (kept && file.sha256 !== null) used[name] = { sha256: file.sha256, size: file.size };
    const bytes = kept ? kept.read(0, kept.length) : await fetchSmall(file, either(life, signal));
    onBytes(bytes.byteLength, bytes.byteLength);
    return bytes;
  };

  return {
    reference,
    id: asked.id,
    origin: { kind: 'hub', hub: asked.hub, commit },
    files: sizes,
    notes,
    read,
    readRange: async (name, offset, length, signal) => {
      const file = files.get(name);
      if (!file) return undefined;
      const kept = file.sha256 === null ? undefined : await store.verified(file.sha256);
      if (kept) return kept.read(offset, Math.min(length, kept.length - offset));
      const range = { from: offset, to: Math.min(offset + length, file.size) };
      if (range.from >= range.to) return new Uint8Array();
      const whole = either(life, signal);
      return untilDone(
        async () => {
          const url = fileUrl(reference, commit, name);
          const bytes = await fetchWhole(url, name, length, patience, whole, range);
          if (bytes.byteLength < range.to - range.from) throw new Interrupted('it was cut off');
          return bytes;
        },
        () => 0,
        name,
        patience,
        whole,
      );
    },
    open: async (
      name,
      limit,
      onBytes,
      signal,
      onWaiting = nobody,
    ): Promise<OpenedFile | undefined> => {
      const file = files.get(name);
      if (!file) return undefined;
      if (file.size > limit) throw tooLarge(name, file.size, limit);
      const { sha256 } = file;
      if (sha256 === null) {
        // Not in LFS: git itself holds it, so it is small.
        const bytes = await fetchSmall(file, either(life, signal));
        onBytes(bytes.byteLength, bytes.byteLength);
        return memoryFile(name, bytes);
      }
      used[name] = { sha256, size: file.size };
      await keepSmall();
      await remember(false);
      return download({
        url: fileUrl(reference, commit, name),
        file: { ...file, sha256 },
        store,
        patience,
        onBytes,
        onWaiting,
        signal: either(life, signal),
        onNoRoom: () => {
          if (overflowed) return;
          overflowed = true;
          notes.push(
            'There was no room to store all of it: the rest is in memory only, and is fetched again next time.',
          );
        },
      });
    },
    finish: async () => {
      await keepSmall();
      if (!overflowed) await remember(true);
    },
  };
}

/** Exports and what lies beside them: one of them is loaded, and another may be wanted later, from the same commit. */
function exportsOf(files: HubListing['files']): Manifest['others'] {
  const found = [...files.values()].flatMap(({ name, size, sha256 }) =>
    sha256 !== null && /\.onnx([._]data(_\d+)?)?$/.test(name)
      ? [[name, { sha256, size }] as const]
      : [],
  );
  return Object.fromEntries(found);
}

/**
 * Before a file is fetched whole into memory.
 * @throws Failure hub-invalid if it is not small, or could not be verified
 */
function checkUnstored({ name, size, sha256, blobId }: HubFile): void {
  if (size > MOST_SMALL_BYTES) {
    throw new Failure(
      'hub-invalid',
      `${name} has ${size} bytes, but the hub names no SHA-256 of it.`,
    );
  }
  if (sha256 === null && blobId === null) {
    throw new Failure('hub-invalid', `The hub names no hash of ${name}, so it cannot be verified.`);
  }
}

function either(a: AbortSignal, b: AbortSignal): AbortSignal {
  return AbortSignal.any([a, b]);
}
