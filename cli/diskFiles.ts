import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { Failure } from '../src/core/errors';
import { copiedFile, type WeightFile } from '../src/onnx/weightFile';
import type { StoreFiles } from '../workers/store/storeFiles';
import { diskLocks } from './diskLock';

/** Where models of a hub are kept. */
export function cacheFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const { ROPE_LAB_CACHE, XDG_CACHE_HOME } = environment;
  if (ROPE_LAB_CACHE) return ROPE_LAB_CACHE;
  return join(XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'rope-collapse-playground');
}

/** Files of one folder of the disk, made when it is needed. */
export function diskFiles(folder: string): StoreFiles {
  const path = (name: string) => join(folder, name);
  const made = () => mkdirSync(folder, { recursive: true });
  return {
    size: async (name) => (await stat(path(name)).catch(unlessMissing))?.size,
    open: async (name) => {
      const found = await stat(path(name)).catch(unlessMissing);
      return found && diskFile(name, path(name), found.size);
    },
    append: (name) => {
      made();
      // Not to append: each byte has its place, whoever else writes to the file.
      const handle = openSync(path(name), constants.O_RDWR | constants.O_CREAT);
      let length = fstatSync(handle).size;
      return Promise.resolve({
        get length() {
          return length;
        },
        write: (bytes: Uint8Array) => {
          // A disk that is nearly full takes a part.
          for (let at = 0; at < bytes.byteLength;) {
            const rest = bytes.byteLength - at;
            const written = fullOr(() => writeSync(handle, bytes, at, rest, length));
            at += written;
            length += written;
          }
        },
        close: () => {
          fsyncSync(handle);
          closeSync(handle);
        },
      });
    },
    write: (name, bytes) => {
      made();
      const beside = path(`.${name}.${process.pid}`);
      fullOr(() => writeFileSync(beside, bytes));
      renameSync(beside, path(name));
      return Promise.resolve();
    },
    remove: (name) => rm(path(name), { force: true }),
    names: async () => (await readdir(folder).catch(unlessMissing)) ?? [],
    locked: diskLocks(folder),
  };
}

/** A file of the disk, read where it lies. */
export function diskFile(name: string, path: string, length: number): WeightFile {
  return copiedFile(name, length, (offset, target) => {
    const handle = openSync(path, 'r');
    try {
      let at = 0;
      while (at < target.byteLength) {
        const got = readSync(handle, target, at, target.byteLength - at, offset + at);
        if (got === 0) throw new Failure('weights-truncated', `${name} has become shorter.`);
        at += got;
      }
    } finally {
      closeSync(handle);
    }
  });
}

function unlessMissing(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
  throw error;
}

function fullOr<T>(write: () => T): T {
  try {
    return write();
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOSPC') throw cause;
    throw new Failure('storage-full', 'The disk is full.', { cause });
  }
}
