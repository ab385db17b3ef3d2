import { readFileSync } from 'node:fs';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HEALTHY_LANE, type LaneSpec } from '../src/core/lanes';
import type { Packing } from '../src/core/packing';
import {
  ModelProtoSchema,
  StringStringEntryProtoSchema,
  TensorProto_DataLocation,
} from '../src/onnx/proto/onnx_pb';
import type { ModelReference } from '../src/protocol/models';
import { Engine } from './engine';
import { hubSource } from './hub/hubSource';
import { nodeRuntime } from './nodeRuntime';
import { memoryFiles } from './store/memoryFiles';
import { ModelStore } from './store/modelStore';
import { commitOf, startTestHub, type TestHub } from './testing/testHub';
import { byteLevelTokenizer } from './testing/tokenizerFixture';

const file = (name: string) =>
  new Uint8Array(readFileSync(new URL(`../training/golden/exports/${name}`, import.meta.url)));
const golden = JSON.parse(new TextDecoder().decode(file('golden.json'))) as {
  readonly prompt: readonly number[];
  readonly healthy: { readonly ids: readonly number[] };
  readonly zero: { readonly ids: readonly number[] };
};
const PROMPT = String.fromCharCode(...golden.prompt.map((id) => id - 1));
const ZERO: LaneSpec = { fault: { kind: 'zero' }, guard: 'none' };
const encode = (text: string) => new TextEncoder().encode(text);
const CONFIG = {
  model_type: 'somebody-elses',
  num_hidden_layers: 2,
  num_attention_heads: 2,
  num_key_value_heads: 1,
  hidden_size: 32,
  vocab_size: 300,
  max_position_embeddings: 32,
};
const BESIDE = {
  'config.json': encode(JSON.stringify(CONFIG)),
  'tokenizer.json': encode(byteLevelTokenizer()),
};
const ID = 'org/exports';
const [FULL, DATA] = withDataBeside(file('grouped.onnx'), 'model.onnx_data');
/** Any other decoder will do for it: what counts is which of them is read. */
const SMALL = file('chosen.onnx');

/** The same export, its larger weights in a file beside it. */
function withDataBeside(
  bytes: Uint8Array,
  location: string,
): [graph: Uint8Array, data: Uint8Array] {
  const model = fromBinary(ModelProtoSchema, bytes);
  const parts: Uint8Array[] = [];
  let offset = 0;
  for (const tensor of model.graph?.initializer ?? []) {
    const { rawData } = tensor;
    if (rawData.byteLength < 1024) continue;
    tensor.dataLocation = TensorProto_DataLocation.EXTERNAL;
    const entries = { location, offset: String(offset), length: String(rawData.byteLength) };
    tensor.externalData = Object.entries(entries).map(([key, value]) =>
      create(StringStringEntryProtoSchema, { key, value }),
    );
    tensor.rawData = new Uint8Array();
    parts.push(rawData);
    offset += rawData.byteLength;
  }
  return [toBinary(ModelProtoSchema, model), new Uint8Array(Buffer.concat(parts))];
}

let hub: TestHub;
beforeAll(async () => {
  hub = await startTestHub({
    [ID]: {
      ...BESIDE,
      'onnx/model.onnx': FULL,
      'onnx/model.onnx_data': DATA,
      'onnx/model_q4.onnx': SMALL,
    },
    'org/otherwise': { ...BESIDE, 'cpu/phi3.onnx': FULL },
  });
});
afterAll(() => hub.close());

const referenceTo = (id: string, revision = 'main'): ModelReference => ({
  kind: 'hub',
  hub: hub.address,
  id,
  revision,
});

function engineWith(store: ModelStore) {
  const signal = new AbortController().signal;
  return new Engine({
    runtime: nodeRuntime,
    openSource: (reference) => {
      if (reference.kind !== 'hub') throw new Error('It is not of a hub.');
      return hubSource(reference, { store, signal });
    },
    graph: 'built',
  });
}

const load = (engine: Engine, packing: Packing, revision?: string) =>
  engine.load(
    { reference: referenceTo(ID, revision), id: ID, executionProvider: 'wasm', packing },
    () => undefined,
  );

describe('a hub’s exports', () => {
  it('are looked at by their names and config.json, and nothing large is fetched', async () => {
    const before = hub.requests.length;
    const engine = engineWith(new ModelStore(memoryFiles(), true));
    const survey = await engine.survey({ reference: referenceTo(ID) });
    if (!survey.ok) throw new Error(survey.error.message);
    const { format, config, packings, storedFrequencies } = survey.value;
    expect(format).toBe('onnx');
    expect(config).toMatchObject({ numHiddenLayers: 2, headDim: 16, vocabSize: 300 });
    expect(storedFrequencies).toEqual([]);
    const beside = Object.values(BESIDE).reduce((sum, { byteLength }) => sum + byteLength, 0);
    expect(packings).toEqual(
      [FULL.byteLength + DATA.byteLength, SMALL.byteLength].map((byteLength, i) => ({
        packing: (['keep', 'int4'] as const)[i],
        memoryBytes: byteLength,
        obstacle: null,
        files: { totalBytes: byteLength + beside, storedBytes: 0 },
      })),
    );
    expect(hub.requests.slice(before).some((request) => request.includes('.onnx'))).toBe(false);
  });

  it('run, the one that was chosen, and say what PyTorch says', async () => {
    const before = hub.requests.length;
    const engine = engineWith(new ModelStore(memoryFiles(), true));
    expect(await load(engine, 'keep')).toMatchObject({
      ok: true,
      value: { format: 'onnx', packing: 'keep', origin: { kind: 'hub', commit: commitOf(ID) } },
    });
    const asked = hub.requests.slice(before).filter((request) => request.includes('.onnx'));
    expect(asked.every((request) => request.includes('model.onnx'))).toBe(true);
    const run = await engine.run(
      { runId: 1, prompt: PROMPT, lanes: [HEALTHY_LANE, ZERO], maxNewTokens: 12, topK: 3 },
      () => undefined,
    );
    if (!run.ok) throw new Error(run.error.message);
    expect(run.value.lanes.map(({ ids }) => ids)).toEqual([golden.healthy.ids, golden.zero.ids]);
    await engine.dispose();
  });

  it('are found again by their commit without the hub, and another one with it', async () => {
    const store = new ModelStore(memoryFiles(), true);
    const engine = engineWith(store);
    const first = await load(engine, 'int4');
    const before = hub.requests.length;
    expect(await load(engine, 'int4', commitOf(ID))).toMatchObject({ ok: true });
    expect(hub.requests.length).toBe(before);
    const other = await load(engine, 'keep', commitOf(ID));
    expect(other).toMatchObject({ ok: true, value: { packing: 'keep' } });
    if (first.ok && other.ok) expect(first.value.sha256).not.toBe(other.value.sha256);
    const asked = hub.requests.slice(before);
    expect(asked.some((request) => request.includes('model.onnx'))).toBe(true);
    const again = hub.requests.length;
    for (const packing of ['keep', 'int4'] as const) {
      expect(await load(engine, packing, commitOf(ID))).toMatchObject({ ok: true });
    }
    expect(hub.requests.length).toBe(again);
    await engine.dispose();
  });

  it('that are not there in a packing, or have other names, are refused with what there is', async () => {
    const engine = engineWith(new ModelStore(memoryFiles(), true));
    expect(await load(engine, 'float16')).toMatchObject({
      ok: false,
      error: { code: 'export-missing', message: expect.stringContaining('keep, int4') as string },
    });
    expect(await engine.survey({ reference: referenceTo('org/otherwise') })).toMatchObject({
      ok: false,
      error: {
        code: 'export-missing',
        message: expect.stringContaining('cpu/phi3.onnx') as string,
      },
    });
  });
});
