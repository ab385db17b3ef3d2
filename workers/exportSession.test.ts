import { readFileSync } from 'node:fs';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { HEALTHY_LANE, type LaneSpec, stackLanes } from '../src/core/lanes';
import { exportConfig } from '../src/onnx/exports/exportConfig';
import { openExport } from '../src/onnx/exports/openedExport';
import {
  ModelProtoSchema,
  NodeProtoSchema,
  TensorProtoSchema,
  ValueInfoProtoSchema,
} from '../src/onnx/proto/onnx_pb';
import { decodeGreedy } from './decode';
import { ExportSession } from './exportSession';
import { nodeRuntime } from './nodeRuntime';

interface Lane {
  readonly ids: readonly number[];
  readonly logits: readonly number[];
}

type Lanes = Readonly<Record<'healthy' | 'zero', Lane>>;

interface Golden extends Lanes {
  readonly prompt: readonly number[];
  readonly invFreq: readonly number[];
  /** Of the model whose second layer turns by frequencies of its own. */
  readonly layered: Lanes & { readonly localInvFreq: readonly number[] };
}

const file = (name: string) =>
  readFileSync(new URL(`../training/golden/exports/${name}`, import.meta.url));
const golden = JSON.parse(file('golden.json').toString()) as Golden;
const ZERO: LaneSpec = { fault: { kind: 'zero' }, guard: 'none' };
const LANES = [HEALTHY_LANE, ZERO];

const openFixture = (name: string) => openBytes(file(name));

async function openBytes(bytes: Uint8Array) {
  const opened = openExport(bytes, () => undefined);
  const config = exportConfig(opened.decoder, opened.feeds);
  const session = await ExportSession.create(
    await nodeRuntime.load('wasm'),
    opened,
    config,
    [],
    'wasm',
  );
  return { opened, config, session };
}

describe.each([
  ['traced.onnx', 1e-4, 1e-6],
  ['dynamo.onnx', 1e-4, 1e-6],
  ['grouped.onnx', 1e-4, 1e-6],
  ['gathered.onnx', 1e-4, 1e-6],
  ['chosen.onnx', 1e-4, 1e-6],
  ['layered.onnx', 1e-4, 1e-6],
  ['merged.onnx', 1e-4, 1e-6],
  ['traced-half.onnx', 0.05, 1e-3],
])('the export %s', (name, logitsApart, frequencyApart) => {
  it('runs lanes in turn, and says what PyTorch says of each', async () => {
    const { opened, config, session } = await openFixture(name);
    const said = name === 'layered.onnx' ? golden.layered : golden;
    const rotations = [golden.invFreq, ...(said === golden ? [] : [golden.layered.localInvFreq])];
    expect(opened.feeds).toHaveLength(rotations.length);
    for (const [at, { recovered }] of opened.feeds.entries()) {
      recovered.invFreq.forEach((frequency, i) => {
        expect(Math.abs(frequency - (rotations[at]?.[i] ?? 0))).toBeLessThan(frequencyApart);
      });
    }
    const promptIds = golden.prompt;
    const ids: number[][] = [[], []];
    const first: Float32Array[] = [];
    await decodeGreedy({
      session,
      promptIds,
      tables: stackLanes(LANES, config, promptIds.length + 12).tables,
      lanes: 2,
      vocabSize: config.vocabSize,
      eosTokenIds: [],
      maxNewTokens: 12,
      topK: 1,
      isCancelled: () => false,
      onStep: (choices, logits) => {
        choices.forEach((choice, lane) => ids[lane]?.push(choice?.id ?? -1));
        first.push(logits);
      },
    });
    await session.release();
    for (const [lane, expected] of [said.healthy, said.zero].entries()) {
      const logits = first[0]?.subarray(lane * 300, (lane + 1) * 300) ?? [];
      const apart = Math.max(
        ...expected.logits.map((x, i) => Math.abs(x - (logits[i] ?? Number.NaN))),
      );
      expect(apart).toBeLessThan(logitsApart);
      if (name !== 'traced-half.onnx') expect(ids[lane]).toEqual(expected.ids);
    }
    expect(said.healthy.ids).not.toEqual(said.zero.ids);
  });

  it('says of a prompt in two pieces what it says of the whole', async () => {
    const { config, session } = await openFixture(name);
    const tables = session.tables(stackLanes([HEALTHY_LANE], config, 8).tables);
    const piece = (from: number, to: number) => ({
      inputIds: golden.prompt.slice(from, to),
      lanes: 1,
      sequence: to - from,
    });
    const { length } = golden.prompt;
    const { cache } = await session.forward(piece(0, 2), tables, session.emptyCache(1));
    const ours = await session.forward(piece(2, length), tables, cache);
    const whole = await session.forward(piece(0, length), tables, session.emptyCache(1));
    expect(ours.cache.length).toBe(length);
    ours.logits.forEach((logit, i) => {
      expect(Math.abs(logit - (whole.logits[i] ?? Number.NaN))).toBeLessThan(logitsApart);
    });
    await session.release();
  });

  it('is edited without losing bits: healthy logits are the unedited file’s', async () => {
    const { opened, config, session } = await openFixture(name);
    const unedited = { ...opened, graph: new Uint8Array(file(name)), feeds: [] };
    const ort = await nodeRuntime.load('wasm');
    const plain = await ExportSession.create(ort, unedited, config, [], 'wasm');
    const stacked = stackLanes([HEALTHY_LANE], config, 8).tables;
    const step = { inputIds: golden.prompt, lanes: 1, sequence: golden.prompt.length };
    const ours = await session.forward(step, session.tables(stacked), session.emptyCache(1));
    const theirs = await plain.forward(step, plain.tables(stacked), plain.emptyCache(1));
    ours.logits.forEach((logit, i) => {
      expect(Math.abs(logit - (theirs.logits[i] ?? Number.NaN))).toBeLessThanOrEqual(1e-5);
    });
    await Promise.all([session.release(), plain.release()]);
  });
});

it('says that the last position’s logits are enough, to a graph that asks', async () => {
  const model = fromBinary(ModelProtoSchema, file('grouped.onnx'));
  const { graph } = model;
  const head = graph?.node.find(({ output }) => output[0] === 'logits');
  if (!graph || !head) throw new Error('It is not what it was.');
  // As transformers slices the hidden states: from -n on.
  const [hidden = ''] = head.input;
  head.input[0] = 'kept';
  const node = (opType: string, input: string[], output: string) =>
    create(NodeProtoSchema, { name: output, opType, input, output: [output] });
  const integers = (name: string, value: number) =>
    create(TensorProtoSchema, { name, dataType: 7, dims: [1n], int64Data: [BigInt(value)] });
  graph.initializer.push(integers('to_end', 2 ** 30), integers('tokens_axis', 1));
  graph.node.splice(
    graph.node.indexOf(head),
    0,
    node('Neg', ['num_logits_to_keep'], 'kept_from_scalar'),
    node('Unsqueeze', ['kept_from_scalar', 'zeroth_axis'], 'kept_from'),
    node('Slice', [hidden, 'kept_from', 'to_end', 'tokens_axis'], 'kept'),
  );
  graph.initializer.push(integers('zeroth_axis', 0));
  graph.input.push(
    create(ValueInfoProtoSchema, {
      name: 'num_logits_to_keep',
      type: { value: { case: 'tensorType', value: { elemType: 7, shape: { dim: [] } } } },
    }),
  );
  const { config, session } = await openBytes(toBinary(ModelProtoSchema, model));
  const { tables } = stackLanes([HEALTHY_LANE], config, 8);
  const step = { inputIds: golden.prompt, lanes: 1, sequence: golden.prompt.length };
  const { logits } = await session.forward(step, session.tables(tables), session.emptyCache(1));
  golden.healthy.logits.forEach((logit, i) => {
    expect(Math.abs(logit - (logits[i] ?? Number.NaN))).toBeLessThan(1e-4);
  });
  await session.release();
});

it('refuses what a graph cannot be fed', async () => {
  const { config, session } = await openFixture('grouped.onnx');
  const interleaved: LaneSpec = { fault: { kind: 'interleaved' }, guard: 'none' };
  const { tables } = stackLanes([HEALTHY_LANE, interleaved], config, 8);
  expect(() => session.tables(tables)).toThrow('halves');
  await session.release();
});
