import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { HEALTHY_LANE } from '../src/core/lanes';
import { PACKINGS, type Packing } from '../src/core/packing';
import { type CheckpointModel, readModel } from './modelFiles';
import { nodeRuntime } from './nodeRuntime';
import { DecoderSession } from './session';
import { surveyModel } from './survey';
import { listedSource, readDirectory } from './testing/modelSources';
import { type ModelDirectory, randomModel, TINY_LLAMA, TINY_OPENSCI } from './testing/randomModel';
import { decodeIds, type OpenModel } from './testing/referenceDecoding';
import { storedAs } from './testing/safetensorsFile';

const signal = new AbortController().signal;
const FUSED = { attention: 'fused', executionProvider: 'wasm', halves: true } as const;
const BUNDLED = readDirectory(
  fileURLToPath(new URL('../public/models/nano-opensci', import.meta.url)),
  ['config.json', 'model.safetensors', 'tokenizer.json', 'tokenizer_config.json'],
);

const read = (files: ModelDirectory, packing: Packing): Promise<CheckpointModel> =>
  readModel(listedSource('test', files), {
    graph: 'built',
    packing,
    signal,
    onBytes: () => undefined,
  });

async function open(model: CheckpointModel): Promise<OpenModel> {
  const ort = await nodeRuntime.load('wasm');
  const session = await DecoderSession.create(ort, model.session(FUSED), model.config, 'wasm');
  return { config: model.config, session };
}

/** Logits behind each of the prompts, of one packing. */
async function logitsOf(files: ModelDirectory, packing: Packing, prompts: readonly number[][]) {
  const model = await open(await read(files, packing));
  const all: number[] = [];
  for (const ids of prompts) {
    const [lane] = await decodeIds(model, ids, [HEALTHY_LANE], 1);
    all.push(...(lane?.logits[0] ?? []));
  }
  await model.session.release();
  return all;
}

/** Root mean square of the differences, as a share of that of the reference. */
function relativeError(given: readonly number[], reference: readonly number[]): number {
  const squares = (values: readonly number[]) => values.reduce((sum, x) => sum + x * x, 0);
  const differences = given.map((x, i) => x - (reference[i] ?? Number.NaN));
  return Math.sqrt(squares(differences) / squares(reference));
}

const prefixes = (length: number, vocabulary: number): number[][] =>
  Array.from({ length: 8 }, (_, p) =>
    Array.from({ length: (p + 1) * length }, (_, i) => (i * 37 + p * 11) % vocabulary),
  );

describe.each([
  ['the bundled model', BUNDLED, prefixes(3, 2000)],
  ['a random llama', randomModel(TINY_LLAMA), prefixes(3, 300)],
] as const)('the logits of %s', (_, files, prompts) => {
  let reference: readonly number[] = [];
  beforeAll(async () => {
    reference = await logitsOf(files, 'keep', prompts);
  });
  // A wrong order of nibbles, sign or scale brings an error near 1 or above.
  it.each([
    ['float16', 0.002],
    ['int4', 0.25],
  ] as const)('are near those of the weights as stored, in %s', async (packing, bound) => {
    const error = relativeError(await logitsOf(files, packing, prompts), reference);
    expect(error).toBeLessThan(bound);
  });
});

describe('the bundled model', () => {
  it.each(PACKINGS)('says that the capital of France is Paris, packed as %s', async (packing) => {
    const model = await read(BUNDLED, packing);
    const opened = await open(model);
    const ids = model.tokenizer.encode('The capital of France is');
    const [lane] = await decodeIds(opened, ids, [HEALTHY_LANE], 8);
    await opened.session.release();
    expect(model.tokenizer.decode(lane?.ids ?? [])).toMatch(/^ Paris\b/);
  });
});

describe('a survey', () => {
  it.each(['F32', 'F16', 'BF16'] as const)(
    'counts the bytes that a session reads, of weights stored as %s',
    async (dtype) => {
      const files = randomModel(TINY_OPENSCI);
      const weights = storedAs(dtype, files['model.safetensors'] ?? new Uint8Array());
      const stored = { ...files, 'model.safetensors': weights };
      const limits = await nodeRuntime.limits();
      const { packings } = await surveyModel(listedSource('t', stored), limits, 'wasm', signal);
      expect(packings.map(({ packing }) => packing)).toEqual(PACKINGS);
      for (const { packing, memoryBytes } of packings) {
        const model = await read(stored, packing);
        const { weights: mounted } = model.session(FUSED);
        const padded = mounted.reduce((sum, { bytes }) => sum + bytes.byteLength, 0);
        // The rest is what lies between tensors, so that each begins on a boundary of 64 bytes.
        expect(padded - memoryBytes).toBeGreaterThanOrEqual(0);
        expect(padded - memoryBytes).toBeLessThan(64 * 3 * model.tensors.length);
      }
    },
  );
});
