import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { HEALTHY_LANE } from '../src/core/lanes';
import { type CheckpointModel, readModel } from './modelFiles';
import type { ModelSource } from './modelSource';
import { nodeRuntime } from './nodeRuntime';
import { DecoderSession } from './session';
import { surveyModel } from './survey';
import { listedSource, memorySource } from './testing/modelSources';
import { type ModelDirectory, randomModel, TINY_OPENSCI } from './testing/randomModel';
import { decodeIds } from './testing/referenceDecoding';
import { safetensorsFile, storedTensors, type StoredTensor } from './testing/safetensorsFile';

const INDEX = 'model.safetensors.index.json';
const signal = new AbortController().signal;
const encode = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const whole = randomModel(TINY_OPENSCI);
const tensors = [...storedTensors(whole['model.safetensors'] ?? new Uint8Array())];
const shardName = (i: number) => `model-0000${i + 1}-of-00003.safetensors`;
const SHARDS = [0, 1, 2].map(shardName);

/** The same model in three files, every third tensor in each. */
function split(change: (shards: Map<string, StoredTensor>[]) => void = () => undefined) {
  const shards = SHARDS.map((_, i) => new Map(tensors.filter((__, at) => at % 3 === i)));
  const weight_map = Object.fromEntries(tensors.map(([name], at) => [name, shardName(at % 3)]));
  change(shards);
  const { 'config.json': config, 'tokenizer.json': tokenizer } = whole;
  return {
    ...(config && tokenizer ? { 'config.json': config, 'tokenizer.json': tokenizer } : {}),
    [INDEX]: encode({ metadata: {}, weight_map }),
    ...Object.fromEntries(shards.map((shard, i) => [shardName(i), safetensorsFile(shard)])),
  };
}

const read = (source: ModelSource): Promise<CheckpointModel> =>
  readModel(source, { graph: 'built', packing: 'keep', signal, onBytes: () => undefined });

async function firstLogits(model: CheckpointModel) {
  const ort = await nodeRuntime.load('wasm');
  const files = model.session({ attention: 'fused', executionProvider: 'wasm', halves: true });
  const session = await DecoderSession.create(ort, files, model.config, 'wasm');
  const [lane] = await decodeIds({ config: model.config, session }, [1, 2, 3], [HEALTHY_LANE], 1);
  await session.release();
  return lane?.logits[0];
}

const sha256 = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest('hex');

const without = (files: ModelDirectory, name: string): ModelDirectory =>
  Object.fromEntries(Object.entries(files).filter(([key]) => key !== name));

describe('a model in three files', () => {
  it.each([
    ['listed', (files: ModelDirectory) => listedSource('t', files)],
    ['not listed', memorySource],
  ] as const)('gives the logits of the same model in one, %s', async (_, sourceOf) => {
    const expected = await firstLogits(await read(memorySource(whole)));
    const model = await read(sourceOf(split()));
    expect(await firstLogits(model)).toEqual(expected);
    expect(model.tensors).toHaveLength(tensors.length);
    expect(new Set(model.tensors.map((tensor) => tensor.sha256)).has(null)).toBe(false);
  });

  it('has the hash of its files’ hashes, a line each, in the order of their names', async () => {
    const files: ModelDirectory = split();
    const lines = SHARDS.map((name) => `${sha256(files[name] ?? '')}\n`);
    expect((await read(listedSource('t', files))).sha256).toBe(sha256(lines.join('')));
  });

  it('refuses an index that leads elsewhere, before it reads anything else', async () => {
    const asked: string[] = [];
    const files = { ...split(), [INDEX]: encode({ weight_map: { a: '../x.safetensors' } }) };
    const source = listedSource('t', files);
    const watched: ModelSource = {
      ...source,
      readRange: (name, ...rest) => {
        asked.push(name);
        return source.readRange(name, ...rest);
      },
      open: (name, ...rest) => {
        asked.push(name);
        return source.open(name, ...rest);
      },
    };
    await expect(read(watched)).rejects.toMatchObject({ code: 'weights-invalid' });
    expect(asked).toEqual([]);
  });

  it('says which file is missing', async () => {
    const files = without(split(), shardName(1));
    for (const source of [listedSource('t', files), memorySource(files)]) {
      await expect(read(source)).rejects.toMatchObject({
        code: 'weights-missing',
        message: `There is no ${shardName(1)}, which the index names.`,
      });
    }
  });

  it('refuses a tensor that is in two files, or in none', async () => {
    const [, moved] = tensors;
    if (!moved) throw new Error('the model has one tensor');
    const twice = split((shards) => shards[2]?.set(...moved));
    const nowhere = split((shards) => shards[1]?.delete(moved[0]));
    await expect(read(listedSource('t', twice))).rejects.toThrow(/ is in model-00002.* and in /);
    await expect(read(listedSource('t', nowhere))).rejects.toThrow(/ is not in model-00002/);
  });
});

describe('a survey of a model in three files', () => {
  it('reads config.json, the index and the headers, and nothing else', async () => {
    const files: ModelDirectory = split();
    const source = listedSource('t', files);
    const ranges = new Map<string, number>();
    const wholes: string[] = [];
    const watched: ModelSource = {
      ...source,
      read: (name, ...rest) => {
        wholes.push(name);
        return source.read(name, ...rest);
      },
      readRange: (name, offset, length, aborted) => {
        ranges.set(name, (ranges.get(name) ?? 0) + length);
        return source.readRange(name, offset, length, aborted);
      },
      open: () => expect.unreachable(),
    };
    const survey = await surveyModel(watched, await nodeRuntime.limits(), 'wasm', signal);
    expect(wholes.toSorted()).toEqual(['config.json', INDEX]);
    expect([...ranges.keys()]).toEqual(SHARDS);
    for (const [name, bytes] of ranges) {
      const { buffer = new ArrayBuffer(8) } = files[name] ?? {};
      expect(bytes).toBe(8 + Number(new DataView(buffer).getBigUint64(0, true)));
    }
    expect(survey.tensors).toHaveLength(tensors.length);
    const all = Object.values(files).reduce((sum, { byteLength }) => sum + byteLength, 0);
    expect(survey.totalBytes).toBe(all);
  });

  it('says what a browser without room will not store, of a hub’s model', async () => {
    const limits = { ...(await nodeRuntime.limits()), storageFree: 1000 };
    const local = listedSource('t', split());
    const reference = { kind: 'hub', hub: 'https://h', id: 'a/b', revision: 'main' } as const;
    const notes = async (source: ModelSource, storageFree: number | null) =>
      (await surveyModel(source, { ...limits, storageFree }, 'wasm', signal)).notes;
    const absent = [...(local.files ?? [])].map(
      ([name, { size }]) => [name, { size, storedBytes: 0 }] as const,
    );
    const hub: ModelSource = { ...local, reference, files: new Map(absent) };
    expect(await notes(hub, 1000)).toEqual([expect.stringContaining('held in memory only')]);
    expect(await notes(hub, 2 ** 30)).toEqual([]);
    expect(await notes(hub, null)).toEqual([]);
    expect(await notes({ ...hub, files: local.files }, 1000)).toEqual([]);
    expect(await notes(local, 1000)).toEqual([]);
  });
});
