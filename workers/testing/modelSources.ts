import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ModelSource, OpenSource } from '../modelSource';
import type { ModelDirectory } from './randomModel';

/** A directory in memory. */
export function memorySource(files: ModelDirectory): ModelSource {
  return {
    read: (name, _limit, onBytes) => {
      const bytes = files[name];
      if (bytes) onBytes(bytes.byteLength, bytes.byteLength);
      return Promise.resolve(bytes);
    },
  };
}

/** Directories in memory, by location. */
export function memorySources(directories: Readonly<Record<string, ModelDirectory>>): OpenSource {
  return (location) => memorySource(directories[location] ?? {});
}

/** A directory of the disk, read whole. */
export function readDirectory(directory: string, names: readonly string[]): ModelDirectory {
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(directory, name))]));
}
