import { createHash } from 'node:crypto';
import { open, readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Failure } from '../src/core/errors';
import type { WeightFile } from '../src/onnx/weightFile';
import { type ModelSource, type SourceFile, tooLarge } from '../workers/modelSource';
import { diskFile } from './diskFiles';

const MOST_FILES = 10_000;
/** Hashed at once. */
const PIECE_BYTES = 8 * 2 ** 20;

/**
 * A Hugging Face directory on the disk. Small files are read whole; weights are hashed in pieces and read where they lie.
 * @throws Failure model-not-found
 */
export async function directorySource(directory: string): Promise<ModelSource> {
  const found = await stat(directory).catch(() => undefined);
  if (!found?.isDirectory()) {
    throw new Failure('model-not-found', `There is no directory ${directory}.`);
  }
  const files = await sizesIn(directory);
  const weights = (name: string): WeightFile | undefined => {
    const file = files.get(name);
    return file && diskFile(name, join(directory, name), file.size);
  };
  return {
    reference: { kind: 'directory', location: directory },
    id: basename(directory),
    origin: { kind: 'directory', hub: null, commit: null },
    files,
    notes: [],
    read: (name, limit, onBytes) => readWhole(directory, name, limit, onBytes),
    readRange: (name, offset, length) => readable(name, () => weights(name)?.read(offset, length)),
    open: async (name, limit, onBytes, signal) => {
      const file = weights(name);
      if (!file) return undefined;
      if (file.length > limit) throw tooLarge(name, file.length, limit);
      const hash = createHash('sha256');
      for (let at = 0; at < file.length; at += PIECE_BYTES) {
        if (signal.aborted) throw new Failure('cancelled', 'Loading was stopped.');
        hash.update(await readable(name, () => file.read(at, PIECE_BYTES)));
        onBytes(Math.min(file.length, at + PIECE_BYTES), file.length);
      }
      return { ...file, sha256: hash.digest('hex') };
    },
  };
}

/** Of the files of a directory, and of those that its links lead to, as in a hub client's cache. */
async function sizesIn(directory: string): Promise<ReadonlyMap<string, SourceFile>> {
  const names = await readdir(directory).catch((cause: unknown) => {
    throw new Failure('model-not-found', `The directory ${directory} cannot be read.`, { cause });
  });
  if (names.length > MOST_FILES) {
    throw new Failure('model-not-found', `${directory} has ${names.length} files: it is no model.`);
  }
  const files = new Map<string, SourceFile>();
  for (const name of names) {
    const found = await stat(join(directory, name)).catch(() => undefined);
    if (found?.isFile()) files.set(name, { size: found.size, storedBytes: found.size });
  }
  return files;
}

async function readWhole(
  directory: string,
  name: string,
  limit: number,
  onBytes: (loaded: number, total: number) => void,
): Promise<Uint8Array | undefined> {
  const handle = await open(join(directory, name)).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw unreadable(name, error);
  });
  if (!handle) return undefined;
  try {
    const { size } = await handle.stat();
    if (size > limit) throw tooLarge(name, size, limit);
    const bytes = new Uint8Array(await handle.readFile());
    onBytes(bytes.byteLength, bytes.byteLength);
    return bytes;
  } finally {
    await handle.close();
  }
}

/** Gives way to whatever else is to be done before it reads. */
async function readable<T>(name: string, read: () => T): Promise<T> {
  await Promise.resolve();
  try {
    return read();
  } catch (error) {
    throw error instanceof Failure ? error : unreadable(name, error);
  }
}

function unreadable(name: string, error: unknown): Failure {
  const { message } = error as NodeJS.ErrnoException;
  return new Failure('internal', `${name} cannot be read: ${message}`, { cause: error });
}
