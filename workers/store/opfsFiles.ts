import { Failure } from '../../src/core/errors';
import { blobFile } from '../blobFile';
import { inTurns } from './inTurns';
import type { StoreFiles } from './storeFiles';

/**
 * Files of the origin private file system. They are written through a handle that writes in place, so that what had arrived is
 * there after a tab was killed; and read as Blobs, which any number of tabs may do at the same time.
 * @returns undefined where the browser has none, or forbids it
 */
export async function opfsFiles(folderName = 'models'): Promise<StoreFiles | undefined> {
  // Not there outside a secure context, and in some private windows.
  const storage = navigator.storage as StorageManager | undefined;
  const root = await storage?.getDirectory().catch(() => undefined);
  const folder = await root
    ?.getDirectoryHandle(folderName, { create: true })
    .catch(() => undefined);
  if (!folder || typeof FileReaderSync === 'undefined') return undefined;

  const fileOf = async (name: string): Promise<File | undefined> => {
    const handle = await folder.getFileHandle(name).catch(unlessMissing);
    return handle?.getFile();
  };
  const writable = async (name: string) => {
    const handle = await folder.getFileHandle(name, { create: true });
    return handle.createSyncAccessHandle();
  };
  return {
    size: async (name) => (await fileOf(name))?.size,
    open: async (name) => {
      const file = await fileOf(name);
      return file && blobFile(name, file);
    },
    append: async (name) => {
      const handle = await writable(name);
      let length = handle.getSize();
      return {
        get length() {
          return length;
        },
        write: (bytes) => {
          const end = length + bytes.byteLength;
          fullOr(() => handle.write(bytes, { at: length }));
          // What it answers is not to be relied on: Chromium says 2³² − 8 where there is no room.
          length = Math.min(handle.getSize(), end);
          if (length < end) throw full();
        },
        close: () => {
          handle.flush();
          handle.close();
        },
      };
    },
    write: async (name, bytes) => {
      const handle = await writable(name);
      try {
        fullOr(() => {
          handle.truncate(0);
          handle.write(bytes, { at: 0 });
          handle.flush();
        });
      } finally {
        handle.close();
      }
    },
    remove: async (name) => {
      await folder.removeEntry(name).catch(unlessMissing);
    },
    names: async () => {
      const names: string[] = [];
      for await (const name of folder.keys()) names.push(name);
      return names;
    },
    locked: 'locks' in navigator ? acrossTabs(folderName) : inTurns(),
  };
}

function acrossTabs(folderName: string): StoreFiles['locked'] {
  return async (name, signal, onWaiting, work) => {
    const lock = `${folderName}/${name}`;
    const { held = [] } = await navigator.locks.query();
    if (held.some((other) => other.name === lock)) onWaiting();
    return navigator.locks.request(lock, { signal }, work);
  };
}

function unlessMissing(error: unknown): undefined {
  if (error instanceof DOMException && error.name === 'NotFoundError') return undefined;
  throw error;
}

function fullOr<T>(write: () => T): T {
  try {
    return write();
  } catch (error) {
    if (error instanceof DOMException && error.name === 'QuotaExceededError') throw full(error);
    throw error;
  }
}

function full(cause?: unknown): Failure {
  return new Failure('storage-full', 'There is no room left to store the model.', { cause });
}
