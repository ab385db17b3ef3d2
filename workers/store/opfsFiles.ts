import { Failure } from '../../src/core/errors';
import { blobFile } from '../blobFile';
import { pressByBytes } from '../collector';
import { inTurns } from './inTurns';
import type { StoreFiles } from './storeFiles';

const nobody = () => undefined;

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
  const locked = 'locks' in navigator ? acrossTabs(folderName) : inTurns();
  return {
    size: async (name) => (await fileOf(name))?.size,
    open: async (name) => {
      const file = await fileOf(name);
      return file && blobFile(name, file);
    },
    append: async (name) => {
      const handle = await writable(name);
      let length = handle.getSize();
      const press = pressByBytes();
      return {
        get length() {
          return length;
        },
        write: (bytes) => {
          const end = length + bytes.byteLength;
          fullOr(() => handle.write(bytes, { at: length }));
          // What it answers is not to be relied on: Chromium says 2³² − 8 where there is no room.
          length = Math.min(handle.getSize(), end);
          press(bytes.byteLength);
          if (length < end) throw full();
        },
        close: () => {
          handle.flush();
          handle.close();
        },
      };
    },
    // Only one handle at a time may write a file, and two tabs that load the same model write the same small ones.
    write: (name, bytes) =>
      locked(`write ${name}`, new AbortController().signal, nobody, async () => {
        const handle = await writable(name);
        try {
          fullOr(() => {
            handle.truncate(0);
            handle.write(bytes, { at: 0 });
            handle.flush();
          });
          if (handle.getSize() < bytes.byteLength) throw full();
        } finally {
          handle.close();
        }
      }),
    remove: async (name) => {
      await folder.removeEntry(name).catch((cause: unknown) => {
        if (cause instanceof DOMException && cause.name === 'NoModificationAllowedError') {
          throw new Failure('busy', 'It is being downloaded, here or in another tab.', { cause });
        }
        unlessMissing(cause);
      });
    },
    names: async () => {
      const names: string[] = [];
      for await (const name of folder.keys()) names.push(name);
      return names;
    },
    locked,
  };
}

function acrossTabs(folderName: string): StoreFiles['locked'] {
  return async (name, signal, onWaiting, work) => {
    const lock = `${folderName}/${name}`;
    const { held = [] } = await navigator.locks.query();
    if (held.some((other) => other.name === lock)) onWaiting();
    try {
      return await navigator.locks.request(lock, { signal }, work);
    } catch (cause) {
      // Left while it waited: that is the signal's own reason, and no Failure.
      if (signal.aborted && !(cause instanceof Failure)) throw stopped(cause);
      throw cause;
    }
  };
}

function stopped(cause: unknown): Failure {
  return new Failure('cancelled', 'Loading was stopped.', { cause });
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
