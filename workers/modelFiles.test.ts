import { bytesToHex } from '@noble/hashes/utils.js';
import { sha256 } from '@noble/hashes/sha2.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Failure } from '../src/core/errors';
import { type CheckpointModel, readModel } from './modelFiles';
import type { ModelSource } from './modelSource';
import { memorySource, readingSource } from './testing/modelSources';
import { type ModelDirectory, randomModel, TINY_LLAMA } from './testing/randomModel';
import { storedAs, storedTensors } from './testing/safetensorsFile';

const files: ModelDirectory = {
  ...randomModel(TINY_LLAMA),
  'tokenizer_config.json': new TextEncoder().encode('{}'),
};
const weights = files['model.safetensors'] ?? new Uint8Array();
const signal = new AbortController().signal;

const read = (
  directory: ModelDirectory,
  graph: 'stored' | 'built' = 'built',
): Promise<CheckpointModel> =>
  readModel(memorySource(directory), { graph, packing: 'keep', signal, onBytes: () => undefined });

const FUSED = { attention: 'fused', executionProvider: 'wasm', halves: true } as const;

/** Of the weights, as a session would have them. */
const bytesOf = (model: CheckpointModel): number =>
  model.session(FUSED).weights.reduce((sum, { bytes }) => sum + bytes.byteLength, 0);

const without = (name: string): ModelDirectory =>
  Object.fromEntries(Object.entries(files).filter(([key]) => key !== name));

/** Delivers files in chunks, several files by turns, and announces their sizes or not. */
function chunkedSource(
  chunks: readonly number[],
  announced: boolean,
  turns: readonly number[],
): ModelSource {
  let chunk = 0;
  let turn = 0;
  return readingSource(async (name, _limit, onBytes) => {
    const bytes = files[name];
    if (!bytes) return undefined;
    for (let loaded = 0; loaded < bytes.byteLength;) {
      const pauses = turns[turn++ % turns.length] ?? 0;
      for (let i = 0; i < pauses; i++) await Promise.resolve();
      const share = chunks[chunk++ % chunks.length] ?? 1;
      loaded = Math.min(bytes.byteLength, loaded + Math.ceil((bytes.byteLength * share) / 100));
      onBytes(loaded, announced ? bytes.byteLength : loaded);
    }
    return bytes;
  });
}

describe('readModel', () => {
  it('reads a directory: config, tokenizer, weights, and a graph built for them', async () => {
    const model = await read(files);
    expect(model.config.modelType).toBe('llama');
    expect(model.tokenizer.encode('a')).toEqual([98]);
    expect(model.sha256).toBe(bytesToHex(sha256(weights)));
    expect(model.weightBytes).toBe(weights.byteLength);
    expect(model.parameterCount * 4).toBeLessThan(weights.byteLength);
    expect(bytesOf(model)).toBeGreaterThanOrEqual(model.parameterCount * 4);
  });

  it('hashes the file as it is stored, not as it was widened', async () => {
    const stored = storedAs('BF16', weights);
    const model = await read({ ...files, 'model.safetensors': stored });
    expect(model.sha256).toBe(bytesToHex(sha256(stored)));
    expect(model.weightBytes).toBe(stored.byteLength);
    // The rows that are looked up stay as they are stored, beside the head in float32.
    const rows = 2 * TINY_LLAMA.vocab_size * TINY_LLAMA.hidden_size;
    expect(bytesOf(model)).toBe(bytesOf(await read(files)) + rows);
  });

  it('names every tensor of the file with the hash of its own bytes', async () => {
    const { tensors } = await read(files);
    const stored = storedTensors(weights);
    expect(tensors.map(({ name }) => name).toSorted()).toEqual([...stored.keys()].toSorted());
    for (const { name, dtype, shape, sha256: hash } of tensors) {
      const tensor = stored.get(name);
      expect({ dtype, shape }).toEqual({ dtype: tensor?.dtype, shape: tensor?.shape });
      expect(hash).toBe(bytesToHex(sha256(tensor?.bytes ?? new Uint8Array())));
    }
    expect(tensors.some(({ name }) => name.includes('inv_freq'))).toBe(false);
  });

  it('takes the stored graph as it is', async () => {
    const graph = Uint8Array.of(1, 2, 3);
    const model = await read({ ...files, 'model.onnx': graph }, 'stored');
    const session = model.session(FUSED);
    expect(session.graphs).toEqual([graph]);
    expect(session.weights).toEqual([{ location: 'model.safetensors', bytes: weights }]);
  });

  it.each([
    ['config.json', 'config-missing'],
    ['model.safetensors', 'weights-missing'],
    ['tokenizer.json', 'tokenizer-missing'],
  ])('says that %s is missing', async (name, code) => {
    await expect(read(without(name))).rejects.toMatchObject({ code });
  });

  it('says that a stored graph is missing, and does without tokenizer_config.json', async () => {
    await expect(read(files, 'stored')).rejects.toMatchObject({ code: 'graph-missing' });
    await expect(read(without('tokenizer_config.json'))).resolves.toBeDefined();
  });

  it('reads nothing else after a config that is not valid', async () => {
    const asked: string[] = [];
    const source = readingSource((name) => {
      asked.push(name);
      return Promise.resolve(new TextEncoder().encode('{"model_type":"gpt2"}'));
    });
    const reading = readModel(source, {
      graph: 'built',
      packing: 'keep',
      signal,
      onBytes: () => undefined,
    });
    await expect(reading).rejects.toMatchObject({ code: 'config-unsupported' });
    expect(asked).toEqual(['config.json']);
  });

  it('passes a source’s own failure on', async () => {
    const source = readingSource((name, limit, onBytes, aborted) =>
      name === 'model.safetensors'
        ? Promise.reject(new Failure('network', 'cut off'))
        : memorySource(files).read(name, limit, onBytes, aborted),
    );
    const reading = readModel(source, {
      graph: 'built',
      packing: 'keep',
      signal,
      onBytes: () => undefined,
    });
    await expect(reading).rejects.toMatchObject({ code: 'network', message: 'cut off' });
  });

  it('reports bytes that never fall, a total that never falls, and all of them at the end', async () => {
    const all = Object.values(files).reduce((sum, { byteLength }) => sum + byteLength, 0);
    const chunks = fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 8 });
    const turns = fc.array(fc.nat(5), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(chunks, turns, fc.boolean(), async (sizes, pauses, announced) => {
        const reports: (readonly [loaded: number, total: number])[] = [];
        await readModel(chunkedSource(sizes, announced, pauses), {
          graph: 'built',
          packing: 'keep',
          signal,
          onBytes: (loaded, total) => reports.push([loaded, total]),
        });
        reports.forEach(([loaded, total], i) => {
          const [loadedBefore, totalBefore] = reports[i - 1] ?? [0, 0];
          expect(loaded).toBeGreaterThanOrEqual(loadedBefore);
          expect(total).toBeGreaterThanOrEqual(totalBefore);
          expect(loaded).toBeLessThanOrEqual(total);
        });
        expect(reports.at(-1)).toEqual([all, all]);
      }),
      { numRuns: 30 },
    );
  });
});
