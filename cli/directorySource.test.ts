import { createHash } from 'node:crypto';
import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { directoryOf, labJson } from '../workers/testing/commandLine';
import { type ModelDirectory, randomModel, TINY_LLAMA } from '../workers/testing/randomModel';
import { safetensorsFile, storedTensors } from '../workers/testing/safetensorsFile';
import { directorySource } from './directorySource';

const MODEL = randomModel(TINY_LLAMA);
const WEIGHTS = MODEL['model.safetensors'] ?? new Uint8Array();
const RUN = ['--prompt', 'Once', '--max-new-tokens', '8'];
const never = new AbortController().signal;
const nobody = () => undefined;

/** The same model, its tensors in so many files. */
function sharded(count: number): ModelDirectory {
  const { 'model.safetensors': whole = WEIGHTS, ...others } = MODEL;
  const tensors = [...storedTensors(whole)];
  const names = Array.from({ length: count }, (_, i) => `model-${i + 1}-of-${count}.safetensors`);
  const shards = names.map((name, shard) => [
    name,
    safetensorsFile(new Map(tensors.filter((_, i) => i % count === shard))),
  ]);
  const weight_map = Object.fromEntries(tensors.map(([name], i) => [name, names[i % count]]));
  const index = new TextEncoder().encode(JSON.stringify({ weight_map }));
  return {
    ...others,
    'model.safetensors.index.json': index,
    ...(Object.fromEntries(shards) as ModelDirectory),
  };
}

it('runs a directory of shards as the one file that they are', async () => {
  const files = sharded(3);
  const { model, lanes } = await labJson('--model', await directoryOf(files), ...RUN);
  const whole = await labJson('--model', await directoryOf(MODEL), ...RUN);
  expect(lanes).toEqual(whole.lanes);
  const hash = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest('hex');
  const hashes = Object.entries(files)
    .filter(([name]) => name.endsWith('.safetensors'))
    .map(([, bytes]) => `${hash(bytes)}\n`);
  expect(model.sha256).toBe(hash(hashes.join('')));
});

it('reads ranges, hashes while it reads, and follows links', async () => {
  const directory = await directoryOf({ 'config.json': MODEL['config.json'] ?? new Uint8Array() });
  const blobs = await directoryOf({ blob: WEIGHTS });
  await symlink(join(blobs, 'blob'), join(directory, 'model.safetensors'));
  await symlink(join(blobs, 'gone'), join(directory, 'tokenizer.json'));
  await mkdir(join(directory, 'folder.json'));
  const source = await directorySource(directory);
  expect([...(source.files ?? [])].map(([name]) => name).sort()).toEqual([
    'config.json',
    'model.safetensors',
  ]);
  expect(await source.readRange('model.safetensors', 8, 20, never)).toEqual(WEIGHTS.slice(8, 28));
  expect(await source.readRange('nothing', 8, 20, never)).toBeUndefined();
  const end = WEIGHTS.byteLength - 3;
  expect(await source.readRange('model.safetensors', end, 20, never)).toHaveLength(3);
  const file = await source.open('model.safetensors', 2 ** 30, nobody, never);
  expect(file?.sha256).toBe(createHash('sha256').update(WEIGHTS).digest('hex'));
  expect(file?.read(100, 50)).toEqual(WEIGHTS.slice(100, 150));
  await expect(source.open('model.safetensors', 100, nobody, never)).rejects.toMatchObject({
    code: 'weights-invalid',
  });
  const stopped = source.open('model.safetensors', 2 ** 30, nobody, AbortSignal.abort());
  await expect(stopped).rejects.toMatchObject({ code: 'cancelled' });
});
