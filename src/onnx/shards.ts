import * as v from 'valibot';
import { Failure } from '../core/errors';
import type { Checkpoint, TensorEntry } from './safetensors';

export const INDEX_FILE = 'model.safetensors.index.json';

const MOST_SHARDS = 1000;
/** Of all shards together: a single one could have as many, but a thousand such ones would not fit in memory. */
const MOST_TENSORS = 100_000;
const MOST_HEADER_BYTES = 64 * 1024 * 1024;
/** A file beside the index, and nothing else: no folder, no way up. */
const SHARD_NAME = /^[A-Za-z0-9][\w.-]{0,199}\.safetensors$/;

const IndexSchema = v.object({
  weight_map: v.record(v.string(), v.pipe(v.string(), v.regex(SHARD_NAME, 'it names no file'))),
});

/** Which file holds which tensor, by model.safetensors.index.json. */
export interface ShardIndex {
  /** File names, sorted. */
  readonly files: readonly string[];
  readonly fileOf: ReadonlyMap<string, string>;
}

const invalid = (message: string) => new Failure('weights-invalid', `${INDEX_FILE}: ${message}`);

/** @throws Failure weights-invalid */
export function parseShardIndex(text: string): ShardIndex {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new Failure('weights-invalid', `${INDEX_FILE} is not JSON`, { cause });
  }
  const parsed = v.safeParse(IndexSchema, json);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    const where = (v.getDotPath(issue) ?? 'value').slice(0, 100);
    throw invalid(`${where}: ${issue.message.slice(0, 200)}`);
  }
  const fileOf = new Map(Object.entries(parsed.output.weight_map));
  const files = [...new Set(fileOf.values())].sort();
  if (files.length === 0) throw invalid('it names no file');
  if (files.length > MOST_SHARDS) throw invalid(`${files.length} files are too many`);
  return { files, fileOf };
}

/**
 * Bounds what headers take in memory: for each new one, before the next is read.
 * @throws Failure weights-invalid
 */
export function checkHeaders(shards: readonly Pick<Checkpoint, 'tensors' | 'dataStart'>[]): void {
  const tensors = shards.reduce((sum, shard) => sum + shard.tensors.size, 0);
  if (tensors > MOST_TENSORS) throw invalid(`${tensors} tensors are too many for its files`);
  const bytes = shards.reduce((sum, { dataStart }) => sum + dataStart, 0);
  if (bytes > MOST_HEADER_BYTES) {
    throw invalid(
      `its files’ headers have ${bytes} bytes, more than the ${MOST_HEADER_BYTES} allowed`,
    );
  }
}

/**
 * The checkpoint that these files are together.
 * @param shards one per file of the index, in its order
 * @throws Failure weights-invalid: a tensor is not where the index says, or is in two files, or there are too many
 */
export function joinShards(index: ShardIndex, shards: readonly Checkpoint[]): Checkpoint {
  checkHeaders(shards);
  const tensors = new Map<string, TensorEntry>();
  for (const shard of shards) {
    for (const [name, tensor] of shard.tensors) {
      const other = tensors.get(name);
      if (other) throw invalid(`"${name.slice(0, 200)}" is in ${other.file} and in ${tensor.file}`);
      tensors.set(name, tensor);
    }
  }
  for (const [name, file] of index.fileOf) {
    if (tensors.get(name)?.file !== file) {
      throw invalid(`"${name.slice(0, 200)}" is not in ${file}, where it is said to be`);
    }
  }
  const fileLength = shards.reduce((sum, shard) => sum + shard.fileLength, 0);
  return { tensors, dataStart: 0, fileLength };
}
