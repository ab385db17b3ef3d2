import { basename, dirname } from 'node:path';
import { Failure } from '../src/core/errors';
import type { ModelSource } from '../workers/modelSource';
import { directorySource } from './directorySource';

/**
 * One ONNX file of a directory, with the external data beside it; its tokenizer.json and config.json beside it too, or in another
 * directory.
 * @throws Failure model-not-found
 */
export async function exportSource(
  file: string,
  companion: string | undefined,
  reference: ModelSource['reference'],
): Promise<ModelSource> {
  const own = await directorySource(dirname(file));
  const name = basename(file);
  if (!own.files?.has(name)) throw new Failure('model-not-found', `There is no file ${file}.`);
  const other = companion === undefined ? own : await directorySource(companion);
  const files = [...own.files].filter(
    ([found]) => found === name || !/\.(onnx|safetensors)$/.test(found),
  );
  return {
    ...own,
    reference,
    id: name,
    files: new Map(files),
    read: (...asked) => (asked[0].endsWith('.json') ? other : own).read(...asked),
  };
}
