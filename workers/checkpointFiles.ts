import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { Failure } from '../src/core/errors';
import {
  type Checkpoint,
  headerLength,
  parseCheckpoint,
  WEIGHTS_FILE,
} from '../src/onnx/safetensors';
import { checkHeaders, INDEX_FILE, joinShards, parseShardIndex } from '../src/onnx/shards';
import type { ModelSource, OpenedFile } from './modelSource';

const MEGABYTE = 2 ** 20;
const INDEX_BYTES = 32 * MEGABYTE;
/** Of one file. */
export const WEIGHTS_BYTES = 64 * 1024 * MEGABYTE;
const nobody = () => undefined;

/** A checkpoint that is known from its headers, and its files, which need not have arrived. */
export interface CheckpointFiles {
  readonly checkpoint: Checkpoint;
  /** Names, in the order of their hash. */
  readonly names: readonly string[];
  /** Those that had to be opened to see their headers. */
  readonly opened: ReadonlyMap<string, OpenedFile>;
}

/**
 * Reads the headers of model.safetensors or of its shards, and where the source can tell how long files are, nothing else.
 * @throws Failure weights-missing, weights-invalid, weights-truncated, and what the source throws
 */
export async function readCheckpoint(
  source: ModelSource,
  onBytes: (file: string, loaded: number, total: number) => void,
  signal: AbortSignal,
): Promise<CheckpointFiles> {
  const opened = new Map<string, OpenedFile>();
  const header = async (name: string): Promise<Checkpoint | undefined> => {
    if (source.files) {
      const size = source.files.get(name)?.size;
      return size === undefined ? undefined : readHeader(source, name, size, signal);
    }
    const report = (loaded: number, total: number) => onBytes(name, loaded, total);
    const file = await source.open(name, WEIGHTS_BYTES, report, signal);
    if (!file) return undefined;
    opened.set(name, file);
    const start = file.read(0, Math.min(8, file.length));
    const length = 8 + headerLength(start, file.length, name);
    return parseCheckpoint(file.read(0, length), file.length, name);
  };

  const whole = await header(WEIGHTS_FILE);
  if (whole) return { checkpoint: whole, names: [WEIGHTS_FILE], opened };
  const listed = source.files?.has(INDEX_FILE) !== false;
  const json = listed ? await source.read(INDEX_FILE, INDEX_BYTES, nobody, signal) : undefined;
  if (!json) throw new Failure('weights-missing', `There is no ${WEIGHTS_FILE}.`);
  const index = parseShardIndex(new TextDecoder().decode(json));
  const shards: Checkpoint[] = [];
  for (const name of index.files) {
    const shard = await header(name);
    if (!shard) throw new Failure('weights-missing', `There is no ${name}, which the index names.`);
    shards.push(shard);
    checkHeaders(shards);
  }
  return { checkpoint: joinShards(index, shards), names: index.files, opened };
}

async function readHeader(
  source: ModelSource,
  name: string,
  size: number,
  signal: AbortSignal,
): Promise<Checkpoint> {
  const range = async (offset: number, length: number) => {
    const bytes = await source.readRange(name, offset, length, signal);
    if (!bytes) throw new Failure('weights-missing', `There is no ${name}.`);
    return bytes;
  };
  const start = await range(0, Math.min(8, size));
  const length = headerLength(start, size, name);
  const header = await range(8, length);
  const bytes = new Uint8Array(8 + header.byteLength);
  bytes.set(start);
  bytes.set(header, 8);
  return parseCheckpoint(bytes, size, name);
}

/** Opens the files that are not open yet, one after the other: each is hashed while it arrives. */
export async function openFiles(
  source: ModelSource,
  { names, opened }: CheckpointFiles,
  onBytes: (file: string, loaded: number, total: number) => void,
  signal: AbortSignal,
  onWaiting?: () => void,
): Promise<ReadonlyMap<string, OpenedFile>> {
  const files = new Map(opened);
  for (const name of names) {
    if (files.has(name)) continue;
    const report = (loaded: number, total: number) => onBytes(name, loaded, total);
    const file = await source.open(name, WEIGHTS_BYTES, report, signal, onWaiting);
    if (!file) throw new Failure('weights-missing', `There is no ${name}.`);
    files.set(name, file);
  }
  return files;
}

/** Of one file its own; of several, the SHA-256 of theirs in hexadecimal, in the order of their names, one line each. */
export function hashOfFiles(
  names: readonly string[],
  files: ReadonlyMap<string, OpenedFile>,
): string {
  const hashes = names.map((name) => files.get(name)?.sha256 ?? '');
  if (hashes.length === 1) return hashes[0] ?? '';
  return bytesToHex(sha256(new TextEncoder().encode(hashes.map((hash) => `${hash}\n`).join(''))));
}
