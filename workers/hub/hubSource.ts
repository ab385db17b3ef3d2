import { Failure, toAppError } from '../../src/core/errors';
import type { ModelSource, OpenedFile, SourceFile } from '../modelSource';
import { memoryFile, tooLarge } from '../modelSource';
import type { Manifest } from '../store/manifest';
import type { ModelStore } from '../store/modelStore';
import { ContentHash } from './contentHash';
import { download } from './download';
import { checkHubReference, fileUrl, type HubReference, isCommit, listingUrl } from './hubAddress';
import { type HubFile, type HubListing, parseListing } from './hubListing';
import { Interrupted, nextChunk, type Patience, PATIENCE, request, untilDone } from './hubRequest';

const MOST_LISTING_BYTES = 8 * 2 ** 20;
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
  try {
    return await sourceOf(reference, await fetchListing(reference, options), options, []);
  } catch (error) {
    const { code } = toAppError(error);
    const [newest] = kept.filter(({ revision }) => revision === reference.revision);
    if (!newest || (code !== 'network' && code !== 'offline')) throw error;
    const note = `The hub could not be reached, so this is the commit ${newest.commit.slice(0, 12)} that is stored here; there may be a newer one.`;
    return sourceOf(reference, listingOf(newest), options, [note]);
  }
}

function listingOf({ commit, files }: Manifest): HubListing {
  return {
    commit,
    files: new Map(
      Object.entries(files).map(([name, { sha256, size }]) => [
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

/** At most so many bytes of an answer. */
async function fetchWhole(
  url: string,
  what: string,
  limit: number,
  patience: Patience,
  signal: AbortSignal,
  range?: { readonly from: number; readonly to: number },
): Promise<Uint8Array> {
  const response = await request({ url, what, patience, signal, ...(range ? { range } : {}) });
  const reader = response.body?.getReader();
  if (!reader) throw new Interrupted('it has no body');
  // Where the range was ignored, what lies before it comes as well, and the rest is not waited for.
  const skipped = range && response.status === 200 ? range.from : 0;
  const wanted = range ? range.to - range.from : limit;
  const chunks: Uint8Array[] = [];
  let length = 0;
  while (!range || length < skipped + wanted) {
    const chunk = await nextChunk(reader, patience, signal);
    if (!chunk) break;
    chunks.push(chunk);
    length += chunk.byteLength;
    if (!range && length > limit) {
      void reader.cancel().catch(nobody);
      throw new Failure('hub-invalid', `${what} has more than the ${limit} bytes allowed.`);
    }
  }
  void reader.cancel().catch(nobody);
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  return range ? bytes.subarray(skipped, skipped + wanted) : bytes;
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

  const fetchSmall = async (file: HubFile, signal: AbortSignal): Promise<Uint8Array> => {
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
    await store.keep(sha256, bytes).catch((error: unknown) => {
      if (toAppError(error).code !== 'storage-full') throw error;
      overflowed = true;
    });
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
    finish: () => (overflowed ? Promise.resolve() : remember(true)),
  };
}

function either(a: AbortSignal, b: AbortSignal): AbortSignal {
  return AbortSignal.any([a, b]);
}
