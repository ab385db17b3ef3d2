import { open, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Failure } from '../src/core/errors';
import { type ModelSource, tooLarge, wholeFiles } from '../workers/modelSource';

/**
 * A Hugging Face directory on the disk.
 * @throws Failure model-not-found
 */
export async function directorySource(directory: string): Promise<ModelSource> {
  const found = await stat(directory).catch(() => undefined);
  if (!found?.isDirectory()) {
    throw new Failure('model-not-found', `There is no directory ${directory}.`);
  }
  const source: Pick<ModelSource, 'read'> = {
    read: async (file, limit, onBytes) => {
      const handle = await open(join(directory, file)).catch((error: unknown) => {
        const { code, message } = error as NodeJS.ErrnoException;
        if (code === 'ENOENT') return undefined;
        throw new Failure('internal', `${file} cannot be read: ${message}`);
      });
      if (!handle) return undefined;
      try {
        const { size } = await handle.stat();
        if (size > limit) throw tooLarge(file, size, limit);
        const bytes = new Uint8Array(await handle.readFile());
        onBytes(bytes.byteLength, bytes.byteLength);
        return bytes;
      } finally {
        await handle.close();
      }
    },
  };
  return wholeFiles(directory, basename(directory), source.read);
}
