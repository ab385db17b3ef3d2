import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ModelSource, type OpenSource, wholeFiles } from '../modelSource';
import type { ModelDirectory } from './randomModel';

/** A directory in memory. */
export function memorySource(files: ModelDirectory): ModelSource {
  return readingSource((name, _limit, onBytes) => {
    const bytes = files[name];
    if (bytes) onBytes(bytes.byteLength, bytes.byteLength);
    return Promise.resolve(bytes);
  });
}

/** A source that a test reads for. */
export function readingSource(read: ModelSource['read']): ModelSource {
  return wholeFiles('test', 'test', read);
}

/** Directories in memory, by location. */
export function memorySources(directories: Readonly<Record<string, ModelDirectory>>): OpenSource {
  return (reference) =>
    memorySource(reference.kind === 'directory' ? (directories[reference.location] ?? {}) : {});
}

/** A directory of the disk, read whole. */
export function readDirectory(directory: string, names: readonly string[]): ModelDirectory {
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(directory, name))]));
}

/** A folder in memory, whose files can be listed and read by range: like one that a visitor has chosen. */
export function listedSource(name: string, files: ModelDirectory): ModelSource {
  return {
    ...memorySource(files),
    reference: { kind: 'files', name, files: [] },
    id: name,
    origin: { kind: 'files', hub: null, commit: null },
    files: new Map(
      Object.entries(files).map(([file, { byteLength }]) => [
        file,
        { size: byteLength, storedBytes: byteLength },
      ]),
    ),
  };
}
