import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Failure } from '../src/core/errors';
import { HEALTHY_LANE, type LaneSpec, stackLanes } from '../src/core/lanes';
import { layerValues, PLAYGROUND_GRAPH } from '../src/onnx/decoder';
import { decodeGreedy } from './decode';
import { PIECE_TOKENS } from './prefill';
import { readDirectory } from './testing/modelSources';
import { type ModelDirectory, randomModel, TINY_LLAMA, TINY_OPENSCI } from './testing/randomModel';
import {
  decodeIds,
  forwardIds,
  maxDifference,
  openModel,
  type OpenModel,
} from './testing/referenceDecoding';
import { storedAs, storedTensors, safetensorsFile } from './testing/safetensorsFile';
import { sharedMissing, sharedModel } from './testing/sharedModels';
import { Trace } from './trace';

const ZERO_LANE: LaneSpec = { fault: { kind: 'zero' }, guard: 'none' };
const BOTH = [HEALTHY_LANE, ZERO_LANE];
const PROMPT = [1, 45, 120, 7, 8];

const models: readonly (readonly [string, () => ModelDirectory])[] = [
  ['a random llama', () => randomModel(TINY_LLAMA)],
  ['a random opensci', () => randomModel(TINY_OPENSCI)],
  ...(sharedMissing
    ? []
    : ([
        [
          'stories260k',
          () => readDirectory(sharedModel('stories260k'), ['config.json', 'model.safetensors']),
        ],
      ] as const)),
];

describe.each(models)('decoding with %s', (_, read) => {
  let model: OpenModel;
  let files: ModelDirectory;
  beforeAll(async () => {
    files = read();
    model = await openModel(files);
  });
  afterAll(() => model.session.release());

  it('with a cache gives what computing the whole sequence anew gives at every step', async () => {
    const decoded = await decodeIds(model, PROMPT, BOTH, 12);
    for (const [lane, spec] of BOTH.entries()) {
      const { ids = [], logits: cached = [] } = decoded[lane] ?? {};
      for (let step = 0; step < 12; step++) {
        const sequence = [...PROMPT, ...ids.slice(0, step)];
        const { logits } = await forwardIds(model, sequence, [spec]);
        expect(maxDifference(logits, cached[step] ?? [])).toBeLessThanOrEqual(5e-5);
      }
    }
  });

  it('gives each lane of a batch what it has alone', async () => {
    const lanes = [...BOTH, HEALTHY_LANE];
    const together = await decodeIds(model, PROMPT, lanes, 24);
    for (const [lane, spec] of lanes.entries()) {
      const [alone] = await decodeIds(model, PROMPT, [spec], 24);
      expect(together[lane]?.ids).toEqual(alone?.ids);
      alone?.logits.forEach((logits, step) => {
        const ours = together[lane]?.logits[step] ?? [];
        expect(maxDifference(ours, logits)).toBeLessThanOrEqual(5e-5);
      });
    }
    expect(together[2]).toEqual(together[0]);
  });

  it('gives the logits of every position when the graph is built so', async () => {
    const all = await openModel(files, { logits: 'all' });
    const { vocabSize } = model.config;
    const { logits } = await forwardIds(all, PROMPT, BOTH);
    expect(logits).toHaveLength(2 * PROMPT.length * vocabSize);
    for (const [lane, spec] of BOTH.entries()) {
      for (let length = 1; length <= PROMPT.length; length++) {
        const last = await forwardIds(model, PROMPT.slice(0, length), [spec]);
        const row = lane * PROMPT.length + length - 1;
        const ours = logits.subarray(row * vocabSize, (row + 1) * vocabSize);
        expect(maxDifference(ours, last.logits)).toBeLessThanOrEqual(5e-5);
      }
    }
    await all.session.release();
  });

  it.each(['F16', 'BF16'] as const)('computes in float32 what is stored as %s', async (dtype) => {
    const stored = storedAs(dtype, files['model.safetensors'] ?? new Uint8Array());
    const half = await openModel({ ...files, 'model.safetensors': stored });
    const rounded = await openModel({ ...files, 'model.safetensors': storedAs('F32', stored) });
    const lanes = await forwardIds(half, PROMPT, BOTH);
    const reference = await forwardIds(rounded, PROMPT, BOTH);
    expect(maxDifference(lanes.logits, reference.logits)).toBeLessThanOrEqual(1e-5);
    // The rounding itself is seen: the test would notice if both had taken the unrounded file.
    const unrounded = await forwardIds(model, PROMPT, BOTH);
    expect(maxDifference(unrounded.logits, reference.logits)).toBeGreaterThan(1e-5);
    await half.session.release();
    await rounded.session.release();
  });
});

describe('decodeGreedy', () => {
  const files = randomModel(TINY_LLAMA);
  let model: OpenModel;
  beforeAll(async () => {
    model = await openModel(files);
  });
  afterAll(() => model.session.release());

  const request = (given: OpenModel, lanes: readonly LaneSpec[], maxNewTokens: number) => ({
    session: given.session,
    promptIds: PROMPT,
    tables: stackLanes(lanes, given.config, PROMPT.length + maxNewTokens).tables,
    lanes: lanes.length,
    vocabSize: given.config.vocabSize,
    eosTokenIds: [] as number[],
    maxNewTokens,
    topK: 1,
    isCancelled: () => false,
  });

  it('ends a lane at its end token, keeps that token, and lets the other go on unchanged', async () => {
    const [healthy, zero] = await decodeIds(model, PROMPT, BOTH, 16);
    // The first token that only one lane chooses, and its place there.
    const end = healthy?.ids.findIndex((id) => !zero?.ids.includes(id)) ?? -1;
    expect(end).toBeGreaterThanOrEqual(0);
    const ids: number[][] = [[], []];
    const { stopped, timing } = await decodeGreedy({
      ...request(model, BOTH, 16),
      eosTokenIds: [healthy?.ids[end] ?? -1],
      onStep: (choices) => {
        choices.forEach((choice, lane) => choice && ids[lane]?.push(choice.id));
      },
    });
    expect(stopped).toEqual(['eos', 'length']);
    expect(ids).toEqual([healthy?.ids.slice(0, end + 1), zero?.ids]);
    expect(timing.decodeSteps).toBe(15);
  });

  it('stops as soon as all lanes have ended', async () => {
    let steps = 0;
    const { stopped } = await decodeGreedy({
      ...request(model, BOTH, 16),
      eosTokenIds: Array.from({ length: model.config.vocabSize }, (_, id) => id),
      onStep: () => {
        steps++;
      },
    });
    expect(stopped).toEqual(['eos', 'eos']);
    expect(steps).toBe(1);
  });

  it('asks before every step whether it is cancelled', async () => {
    let steps = 0;
    const { stopped } = await decodeGreedy({
      ...request(model, BOTH, 16),
      isCancelled: () => steps === 3,
      onStep: () => {
        steps++;
      },
    });
    expect(stopped).toEqual(['cancelled', 'cancelled']);
    expect(steps).toBe(3);
  });

  it('cancelled before its first step has done nothing', async () => {
    const { stopped, timing } = await decodeGreedy({
      ...request(model, BOTH, 4),
      isCancelled: () => true,
      onStep: () => expect.unreachable(),
    });
    expect(stopped).toEqual(['cancelled', 'cancelled']);
    expect(timing).toEqual({ prefillMs: 0, decodeMs: 0, sessionMs: 0, decodeSteps: 0 });
  });

  it('reports logits of the first lane that are not numbers, instead of choosing among them', async () => {
    const tensors = storedTensors(files['model.safetensors'] ?? new Uint8Array());
    const norm = tensors.get('model.norm.weight');
    norm?.bytes.set(Uint8Array.of(0, 0, 0xc0, 0x7f));
    const broken = await openModel({ ...files, 'model.safetensors': safetensorsFile(tensors) });
    const run = decodeGreedy({
      ...request(broken, BOTH, 4),
      onStep: () => expect.unreachable(),
    });
    await expect(run).rejects.toThrow(Failure);
    await expect(run).rejects.toMatchObject({ code: 'non-finite-logits' });
    await broken.session.release();
  });

  it('ends a later lane alone, before its first token, whose own rotation is not a number', async () => {
    const traced = await openModel(files, PLAYGROUND_GRAPH);
    const lanes = [HEALTHY_LANE, HEALTHY_LANE];
    const { tables, ...rest } = request(traced, lanes, 6);
    const cos = tables.cos.slice().fill(Number.NaN, tables.cos.length / 2);
    const ids: number[][] = [[], []];
    const { stopped } = await decodeGreedy({
      ...rest,
      tables: { ...tables, cos },
      onStep: (choices) => {
        choices.forEach((choice, lane) => choice && ids[lane]?.push(choice.id));
      },
    });
    expect(stopped).toEqual(['length', 'non-finite']);
    const [alone] = await decodeIds(model, PROMPT, [HEALTHY_LANE], 6);
    expect(ids[0]).toEqual(alone?.ids);
    expect(ids[1]).toEqual([]);
    await traced.session.release();
  });
});

describe('a prompt longer than one piece', () => {
  const files = randomModel(TINY_LLAMA);
  const prompt = Array.from({ length: 2 * PIECE_TOKENS + 5 }, (_, i) => (7 * i) % 300);
  const lanes = [HEALTHY_LANE, ZERO_LANE, HEALTHY_LANE];
  let model: OpenModel;
  beforeAll(async () => {
    model = await openModel(files, PLAYGROUND_GRAPH);
  });
  afterAll(() => model.session.release());

  it('gives what reading it whole gives, and the same bits alone and beside others', async () => {
    const together = await decodeIds(model, prompt, lanes, 6);
    const { vocabSize } = model.config;
    const whole = await forwardIds(model, prompt, lanes);
    together.forEach((lane, index) => {
      const logits = whole.logits.subarray(index * vocabSize, (index + 1) * vocabSize);
      expect(maxDifference(lane.logits[0] ?? [], logits)).toBeLessThanOrEqual(5e-5);
    });
    const [alone] = await decodeIds(model, prompt, [HEALTHY_LANE], 6);
    expect(together[0]).toEqual(alone);
    expect(together[2]).toEqual(alone);
    expect(together[1]?.logits[0]).not.toEqual(alone?.logits[0]);
  });

  it('is traced like one read whole', async () => {
    const trace = new Trace(model.config, lanes.length);
    await decodeGreedy({
      session: model.session,
      promptIds: prompt,
      tables: stackLanes(lanes, model.config, prompt.length + 2).tables,
      lanes: lanes.length,
      vocabSize: model.config.vocabSize,
      eosTokenIds: [],
      maxNewTokens: 1,
      topK: 1,
      isCancelled: () => false,
      onTrace: (lane, values) => trace.add(lane, values),
      onStep: () => undefined,
    });
    const tapped = await openModel(files, { taps: true });
    const { taps } = await forwardIds(tapped, prompt, lanes);
    const lastLayer = layerValues(model.config.numHiddenLayers - 1);
    const layer = model.config.numHiddenLayers - 1;
    for (const lane of lanes.keys()) {
      for (const [name, tensor, stage] of [
        [lastLayer.queryBeforeRotation, 'query', 'before'],
        [lastLayer.keyBeforeRotation, 'key', 'before'],
        [lastLayer.queryAfterRotation, 'query', 'after'],
        [lastLayer.keyAfterRotation, 'key', 'after'],
      ] as const) {
        const all = taps[name] ?? new Float32Array();
        const size = all.length / lanes.length;
        const { values, positions } = trace.vectors(lane, layer, tensor, stage);
        expect(positions).toBe(prompt.length);
        const whole = all.subarray(lane * size, (lane + 1) * size);
        expect(maxDifference(values, whole)).toBeLessThanOrEqual(5e-5);
      }
    }
    await tapped.session.release();
  });

  it('can be stopped between two pieces', async () => {
    let asked = 0;
    const { stopped, timing } = await decodeGreedy({
      session: model.session,
      promptIds: prompt,
      tables: stackLanes(lanes, model.config, prompt.length + 2).tables,
      lanes: lanes.length,
      vocabSize: model.config.vocabSize,
      eosTokenIds: [],
      maxNewTokens: 2,
      topK: 1,
      isCancelled: () => ++asked > 3,
      onStep: () => expect.unreachable(),
    });
    expect(stopped).toEqual(['cancelled', 'cancelled', 'cancelled']);
    expect(asked).toBe(4);
    expect(timing.decodeSteps).toBe(0);
  });
});
