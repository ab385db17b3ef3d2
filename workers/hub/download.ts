import { Failure, toAppError } from '../../src/core/errors';
import { copiedFile, type WeightFile } from '../../src/onnx/weightFile';
import { macrotask } from '../macrotask';
import type { OpenedFile } from '../modelSource';
import { chunkedFile } from '../store/memoryFiles';
import { contentName, type ModelStore } from '../store/modelStore';
import type { Appender } from '../store/storeFiles';
import { ContentHash } from './contentHash';
import type { HubFile } from './hubListing';
import { Interrupted, nextChunk, type Patience, request, untilDone } from './hubRequest';
import { stopIfAborted } from '../stopIfAborted';

/** Read at once when what is there already is hashed again. */
const PIECE_BYTES = 8 * 2 ** 20;

export interface Download {
  readonly url: string;
  /** Its hash is what it is stored under, so it must be known: LFS names it. */
  readonly file: HubFile & { readonly sha256: string };
  readonly store: ModelStore;
  readonly patience: Patience;
  readonly onBytes: (loaded: number, total: number) => void;
  readonly onWaiting: () => void;
  readonly signal: AbortSignal;
  /** There was no room to store all of it. */
  readonly onNoRoom: () => void;
}

/**
 * A file of a hub, whole and verified: from the store, or fetched into it, from where an earlier attempt has ended.
 * @throws Failure download-corrupt, and what requests throw
 */
export async function download(wanted: Download): Promise<OpenedFile> {
  const { file, store, signal, onWaiting } = wanted;
  const known = await store.verified(file.sha256);
  if (known) return withHash(known, wanted);
  return store.files.locked(file.sha256, signal, onWaiting, async () => {
    // Whoever held the lock before may have fetched it.
    const meanwhile = await store.verified(file.sha256);
    return meanwhile ? withHash(meanwhile, wanted) : fetchInto(wanted);
  });
}

function withHash(found: WeightFile, { file, onBytes }: Download): OpenedFile {
  onBytes(file.size, file.size);
  return { ...found, name: file.name, sha256: file.sha256 };
}

/** What has arrived: in the store, and behind it, once that is full, in memory. */
interface Arrived {
  readonly stored: Appender;
  readonly overflow: Uint8Array[];
  overflowBytes: number;
  readonly hash: ContentHash;
}

async function fetchInto(wanted: Download): Promise<OpenedFile> {
  const { url, file, store, patience, signal, onBytes } = wanted;
  const name = contentName(file.sha256);
  if ((await store.storedBytes(file.sha256)) > file.size) await store.discard(file.sha256);
  // What is there already is hashed from the store before it grows: nothing is taken on trust.
  const hash = await hashOfStored(wanted);
  const arrived: Arrived = {
    stored: await store.files.append(name),
    overflow: [],
    overflowBytes: 0,
    hash,
  };
  const length = () => arrived.stored.length + arrived.overflowBytes;
  try {
    await untilDone(
      async () => {
        if (length() === file.size) return;
        const range = { from: length() };
        const response = await request({ ...wanted, url, what: file.name, range });
        // A server that ignores ranges sends all of it again: what is here already is passed over.
        let skipped = response.status === 200 ? length() : 0;
        const reader = response.body?.getReader();
        if (!reader) throw new Interrupted('it has no body');
        for (;;) {
          const received = await nextChunk(reader, patience, signal);
          if (!received) break;
          const chunk = received.subarray(Math.min(skipped, received.byteLength));
          skipped -= received.byteLength - chunk.byteLength;
          if (chunk.byteLength === 0) continue;
          if (length() + chunk.byteLength > file.size) {
            void reader.cancel().catch(() => undefined);
            throw new Failure(
              'download-corrupt',
              `${file.name} is longer than the ${file.size} bytes that the hub announces.`,
            );
          }
          await take(chunk, wanted, arrived);
          onBytes(length(), file.size);
        }
        if (length() < file.size) throw new Interrupted(`it ended after ${length()} bytes`);
      },
      length,
      file.name,
      patience,
      signal,
    );
    arrived.hash.verified();
  } catch (error) {
    await arrived.stored.close();
    if (toAppError(error).code === 'download-corrupt') await store.discard(file.sha256);
    throw error;
  }
  await arrived.stored.close();
  const stored = await store.files.open(name);
  // What was hashed is what arrived; what is served is what was stored.
  if (!stored || stored.length + arrived.overflowBytes !== file.size) {
    throw new Failure('storage-unavailable', `${file.name} is not stored as it was written.`);
  }
  if (arrived.overflowBytes === 0) {
    await store.markVerified(file.sha256, file.size).catch((error: unknown) => {
      if (toAppError(error).code !== 'storage-full') throw error;
      wanted.onNoRoom();
    });
  }
  return { ...joined(file.name, stored, arrived), sha256: file.sha256 };
}

async function hashOfStored({ file, store, onBytes, signal }: Download): Promise<ContentHash> {
  const hash = new ContentHash(file);
  const before = await store.files.open(contentName(file.sha256));
  for (let at = 0; before && at < before.length; at += PIECE_BYTES) {
    // Reading and hashing are done at once: this is when a cancel can arrive.
    await macrotask();
    stopIfAborted(signal);
    const length = Math.min(PIECE_BYTES, before.length - at);
    hash.update(before.read(at, length));
    onBytes(at + length, file.size);
  }
  return hash;
}

async function take(chunk: Uint8Array, { onNoRoom }: Download, arrived: Arrived): Promise<void> {
  let rest = chunk;
  if (arrived.overflowBytes === 0) {
    const before = arrived.stored.length;
    try {
      await arrived.stored.write(chunk);
      rest = chunk.subarray(chunk.byteLength);
    } catch (error) {
      if (toAppError(error).code !== 'storage-full') throw error;
      onNoRoom();
      rest = chunk.subarray(arrived.stored.length - before);
    }
  }
  if (rest.byteLength > 0) {
    arrived.overflow.push(rest.slice());
    arrived.overflowBytes += rest.byteLength;
  }
  arrived.hash.update(chunk);
}

function joined(name: string, stored: WeightFile, { overflow }: Arrived): WeightFile {
  if (overflow.length === 0) return { ...stored, name };
  const behind = chunkedFile(name, overflow);
  return copiedFile(name, stored.length + behind.length, (offset, target) => {
    const first = Math.min(target.byteLength, Math.max(0, stored.length - offset));
    if (first > 0) stored.readInto(offset, target.subarray(0, first));
    if (first < target.byteLength) {
      behind.readInto(offset + first - stored.length, target.subarray(first));
    }
  });
}
