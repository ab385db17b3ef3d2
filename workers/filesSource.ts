import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { Failure } from '../src/core/errors';
import type { ModelReference } from '../src/protocol/models';
import { blobFile } from './blobFile';
import { type ModelSource, tooLarge } from './modelSource';
import { stopIfAborted } from './stopIfAborted';

const MOST_FILES = 10_000;
/** Hashed at once. */
const PIECE_BYTES = 8 * 2 ** 20;

/**
 * Files of the visitor's machine, read in place: nothing is copied, nothing leaves it.
 * @throws Failure files-missing if no file is there that a model has
 */
export function filesSource(
  reference: Extract<ModelReference, { kind: 'files' }>,
  toWeightFile = blobFile,
): ModelSource {
  const { name: id, files } = reference;
  if (files.length > MOST_FILES) {
    throw new Failure('files-missing', `${files.length} files are too many for a model’s folder.`);
  }
  /** A folder inside the folder is not the model's: the file nearest to the top counts. */
  const byName = new Map<string, File>();
  for (const file of [...files].sort((a, b) => depth(a) - depth(b))) {
    if (!byName.has(file.name)) byName.set(file.name, file);
  }
  const present = [...byName.keys()];
  if (!present.some((name) => name === 'config.json' || name.endsWith('.onnx'))) {
    const found = present.length === 0 ? 'nothing' : present.slice(0, 5).join(', ');
    throw new Failure(
      'files-missing',
      `There is no config.json among these files, but ${found.slice(0, 200)}.`,
    );
  }
  return {
    reference,
    id,
    origin: { kind: 'files', hub: null, commit: null },
    files: new Map([...byName].map(([name, { size }]) => [name, { size, storedBytes: size }])),
    notes: [],
    read: async (name, limit, onBytes) => {
      const file = byName.get(name);
      if (!file) return undefined;
      if (file.size > limit) throw tooLarge(name, file.size, limit);
      const bytes = new Uint8Array(await readable(name, file.arrayBuffer()));
      onBytes(bytes.byteLength, bytes.byteLength);
      return bytes;
    },
    readRange: async (name, offset, length) => {
      const file = byName.get(name);
      if (!file) return undefined;
      return new Uint8Array(
        await readable(name, file.slice(offset, offset + length).arrayBuffer()),
      );
    },
    open: async (name, limit, onBytes, signal) => {
      const file = byName.get(name);
      if (!file) return undefined;
      if (file.size > limit) throw tooLarge(name, file.size, limit);
      const hash = sha256.create();
      for (let at = 0; at < file.size; at += PIECE_BYTES) {
        stopIfAborted(signal);
        const piece = file.slice(at, at + PIECE_BYTES);
        hash.update(new Uint8Array(await readable(name, piece.arrayBuffer())));
        onBytes(Math.min(file.size, at + PIECE_BYTES), file.size);
      }
      return { ...toWeightFile(name, file), sha256: bytesToHex(hash.digest()) };
    },
  };
}

function depth({ webkitRelativePath }: File): number {
  return webkitRelativePath.split('/').length;
}

/** Browsers say little when a file was changed or moved after it was chosen. */
async function readable<T>(name: string, reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (cause) {
    throw new Failure('files-missing', `${name} can no longer be read: choose it again.`, {
      cause,
    });
  }
}
