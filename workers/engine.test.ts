import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HEALTHY_LANE, type LaneSpec } from '../src/core/lanes';
import type {
  LaneStep,
  LoadedModel,
  LoadProgress,
  LoadRequest,
  RunEvent,
  RunRequest,
  RunSummary,
} from '../src/protocol/engineApi';
import { Engine, type EngineOptions } from './engine';
import { nodeRuntime } from './nodeRuntime';
import { maxDifference } from './testing/referenceDecoding';
import { memorySource, memorySources, readingSource } from './testing/modelSources';
import { type ModelDirectory, randomModel, TINY_LLAMA } from './testing/randomModel';
import { safetensorsFile, storedTensors } from './testing/safetensorsFile';

/** Long enough for a run that goes on until it is stopped. */
const CONTEXT = 16_384;
const MODEL = randomModel({ ...TINY_LLAMA, max_position_embeddings: CONTEXT });
const ZERO_LANE: LaneSpec = { fault: { kind: 'zero' }, guard: 'none' };

const encode = (text: string) => new TextEncoder().encode(text);

function withNaN(name: string, from = MODEL): ModelDirectory {
  const tensors = storedTensors(from['model.safetensors'] ?? new Uint8Array());
  // The first float32 of the tensor, little-endian.
  tensors.get(name)?.bytes.set(Uint8Array.of(0, 0, 0xc0, 0x7f));
  return { ...from, 'model.safetensors': safetensorsFile(tensors) };
}

const DIRECTORIES = {
  good: MODEL,
  other: randomModel(TINY_LLAMA, 2),
  nan: withNaN('model.norm.weight'),
  empty: {},
  garbage: { ...MODEL, 'model.onnx': encode('this is no graph') },
};

const engineOf = (options: Partial<EngineOptions> = {}) =>
  new Engine({
    runtime: nodeRuntime,
    openSource: memorySources(DIRECTORIES),
    graph: 'built',
    ...options,
  });

const loadRequest = (location: keyof typeof DIRECTORIES): LoadRequest => ({
  reference: { kind: 'directory', location },
  id: location,
  executionProvider: 'auto',
});

async function load(engine: Engine, location: keyof typeof DIRECTORIES): Promise<LoadedModel> {
  const result = await engine.load(loadRequest(location), () => undefined);
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}

let runId = 0;
const request = (changes: Partial<RunRequest> = {}): RunRequest => ({
  runId: ++runId,
  prompt: 'Once upon a time',
  lanes: [HEALTHY_LANE, ZERO_LANE],
  maxNewTokens: 24,
  topK: 3,
  ...changes,
});

interface Run {
  readonly summary: RunSummary;
  readonly events: readonly RunEvent[];
  /** steps[lane], of all batches. */
  readonly steps: readonly (readonly LaneStep[])[];
}

async function run(engine: Engine, given: RunRequest): Promise<Run> {
  const events: RunEvent[] = [];
  const result = await engine.run(given, (event) => events.push(event));
  if (!result.ok) throw new Error(result.error.message);
  const steps = given.lanes.map((_, lane) =>
    events.flatMap((event) => (event.type === 'tokens' ? (event.steps[lane] ?? []) : [])),
  );
  return { summary: result.value, events, steps };
}

const refused = (engine: Engine, given: RunRequest) =>
  engine.run(given, () => expect.unreachable());

describe('a loaded engine', () => {
  const engine = engineOf();
  beforeAll(() => load(engine, 'good'));
  afterAll(() => engine.dispose());

  it('runs from a fresh cache: healthy, faulty, and healthy again are as they would be alone', async () => {
    const healthy = [HEALTHY_LANE];
    const first = await run(engine, request({ lanes: healthy }));
    const faulty = await run(engine, request({ lanes: [ZERO_LANE] }));
    const again = await run(engine, request({ lanes: healthy }));
    expect(again.summary.lanes).toEqual(first.summary.lanes);
    expect(again.steps).toEqual(first.steps);
    expect(faulty.summary.lanes).not.toEqual(first.summary.lanes);
    const both = await run(engine, request());
    expect(both.summary.lanes.map(({ ids }) => ids)).toEqual([
      first.summary.lanes[0]?.ids,
      faulty.summary.lanes[0]?.ids,
    ]);
  });

  it('says first what it runs, then streams what it chose, and carries the run’s id throughout', async () => {
    const given = request({ maxNewTokens: 200 });
    const { summary, events, steps } = await run(engine, given);
    expect(events[0]?.type).toBe('started');
    expect(events.slice(1).map(({ type }) => type)).toEqual(events.slice(1).map(() => 'tokens'));
    for (const event of events) expect(event.runId).toBe(given.runId);
    expect(summary.runId).toBe(given.runId);
    summary.lanes.forEach((lane, i) => {
      expect(steps[i]?.map(({ id }) => id)).toEqual(lane.ids);
      expect(lane).toMatchObject({ stopped: 'length' });
      expect(lane.ids).toHaveLength(200);
    });
  });

  it('runs the eager graph of the same weights: other rounding, the same tokens', async () => {
    const fused = await run(engine, request());
    const eager = await run(engine, request({ attention: 'eager' }));
    expect(eager.summary.lanes).toEqual(fused.summary.lanes);
    expect((await engine.capture(eager.summary.runId)).ok).toBe(true);
    const logits = ({ steps }: Run) =>
      steps[0]?.flatMap(({ top }) => top.map((t) => t.logit)) ?? [];
    expect(maxDifference(logits(eager), logits(fused))).toBeLessThanOrEqual(1e-4);
  });

  it('refuses an eager graph of weights that have changed since, and takes them when they are back', async () => {
    let files = MODEL;
    const changing = engineOf({
      openSource: () => readingSource((...of) => memorySource(files).read(...of)),
    });
    await load(changing, 'good');
    files = DIRECTORIES.other;
    const error = await refused(changing, request({ attention: 'eager' }));
    expect(error).toMatchObject({ ok: false, error: { code: 'weights-invalid' } });
    files = MODEL;
    await run(changing, request({ attention: 'eager' }));
    await changing.dispose();
  });

  it('streams texts that joined are the lane’s text, but for a character that never ended', async () => {
    const { summary, steps } = await run(engine, request({ maxNewTokens: 100 }));
    summary.lanes.forEach(({ text }, lane) => {
      const joined = (steps[lane] ?? []).map((step) => step.text).join('');
      expect(text.startsWith(joined)).toBe(true);
      expect(text.slice(joined.length)).toMatch(/^\uFFFD{0,3}$/);
    });
  });

  it('reports the prompt’s tokens, and each lane’s rotation', async () => {
    const lanes: LaneSpec[] = [HEALTHY_LANE, ZERO_LANE, { ...ZERO_LANE, guard: 'patch5' }];
    const { summary, events } = await run(engine, request({ lanes, prompt: 'añb' }));
    const [started] = events;
    if (started?.type !== 'started') throw new Error('the run did not start');
    expect(started.prompt.map(({ text }) => text)).toEqual(['a', '', 'ñ', 'b']);
    expect(started.prompt.map(({ id }) => id)).toEqual(summary.promptIds);
    expect(started.rotations.map(({ guardFired }) => guardFired)).toEqual([false, false, true]);
    expect(started.rotations.map((rotation) => rotation.tablesIdentical)).toEqual([
      true,
      false,
      true,
    ]);
    expect(summary.lanes[2]?.ids).toEqual(summary.lanes[0]?.ids);
  });

  it('gives each step its highest logits, of which the first is the choice', async () => {
    const { steps } = await run(engine, request({ topK: 5 }));
    for (const { id, top } of steps.flat()) {
      expect(top).toHaveLength(5);
      expect(top[0]?.id).toBe(id);
      for (let i = 1; i < top.length; i++) {
        expect(top[i]?.logit).toBeLessThanOrEqual(top[i - 1]?.logit ?? Number.NaN);
      }
    }
  });

  it('says where the first two lanes part', async () => {
    const { summary } = await run(engine, request({ maxNewTokens: 60 }));
    const [healthy, zero] = summary.lanes;
    const parting = healthy?.ids.findIndex((id, step) => id !== zero?.ids[step]);
    expect(parting).toBeGreaterThanOrEqual(0);
    expect(summary.firstDivergence).toBe(parting);
    const same = await run(engine, request({ lanes: [HEALTHY_LANE, HEALTHY_LANE] }));
    expect(same.summary.firstDivergence).toBeNull();
    const alone = await run(engine, request({ lanes: [HEALTHY_LANE] }));
    expect(alone.summary.firstDivergence).toBeNull();
  });

  it('measures a run’s parts so that they fit into each other', async () => {
    const { timing } = (await run(engine, request())).summary;
    expect(timing.sessionMs).toBeGreaterThan(0);
    expect(timing.sessionMs).toBeLessThanOrEqual(timing.prefillMs + timing.decodeMs);
    expect(timing.tokensPerSecond).toBeCloseTo((23 / timing.decodeMs) * 1000, 3);
    const single = await run(engine, request({ maxNewTokens: 1 }));
    expect(single.summary.timing.tokensPerSecond).toBeNull();
  });

  it('is stopped by a cancel that comes while it streams, and keeps what it had', async () => {
    const given = request({ maxNewTokens: CONTEXT - 100 });
    const batches: RunEvent[] = [];
    const result = await engine.run(given, (event) => {
      batches.push(event);
      if (event.type === 'tokens') void engine.cancel(given.runId);
    });
    if (!result.ok) throw new Error(result.error.message);
    const { lanes } = result.value;
    expect(lanes.map(({ stopped }) => stopped)).toEqual(['cancelled', 'cancelled']);
    for (const { ids } of lanes) {
      expect(ids.length).toBeGreaterThan(0);
      expect(ids.length).toBeLessThan(CONTEXT - 100);
    }
    // One batch arrived before the cancel; nothing more is computed after it.
    expect(batches.filter(({ type }) => type === 'tokens')).toHaveLength(1);
    await expect(run(engine, request())).resolves.toBeDefined();
  });

  it('cancelled from outside lets messages in between steps', async () => {
    const given = request({ maxNewTokens: CONTEXT - 100 });
    const running = engine.run(given, () => undefined);
    // A macrotask of its own, as a message to the worker is one.
    setTimeout(() => void engine.cancel(given.runId), 50);
    const result = await running;
    if (!result.ok) throw new Error(result.error.message);
    expect(result.value.lanes[0]?.stopped).toBe('cancelled');
    expect(result.value.lanes[0]?.ids.length).toBeLessThan(CONTEXT - 100);
  });

  it('cancelled at its start gives an empty run', async () => {
    const given = request();
    const result = await engine.run(given, () => void engine.cancel(given.runId));
    expect(result).toMatchObject({
      ok: true,
      value: {
        lanes: [
          { ids: [], text: '', stopped: 'cancelled' },
          { ids: [], text: '', stopped: 'cancelled' },
        ],
        firstDivergence: null,
        timing: { tokensPerSecond: null },
      },
    });
  });

  it('goes on when another run is cancelled', async () => {
    const given = request();
    await engine.cancel(given.runId - 1);
    const { summary } = await run(engine, given);
    expect(summary.lanes[0]?.stopped).toBe('length');
  });

  it('refuses a second run and a load while one goes on, and takes them afterwards', async () => {
    let second: unknown;
    let loading: unknown;
    await engine.run(request(), (event) => {
      if (event.type !== 'started') return;
      second = refused(engine, request());
      loading = engine.load(loadRequest('other'), () => expect.unreachable());
    });
    expect(await second).toMatchObject({ ok: false, error: { code: 'busy' } });
    expect(await loading).toMatchObject({ ok: false, error: { code: 'busy' } });
    await expect(run(engine, request())).resolves.toBeDefined();
  });

  it.each<[string, Partial<RunRequest>, string]>([
    ['an empty prompt', { prompt: '' }, 'prompt-empty'],
    ['a prompt of spaces', { prompt: ' \n\t ' }, 'prompt-empty'],
    ['an endless prompt', { prompt: 'a'.repeat(100_001) }, 'prompt-too-long'],
    ['a prompt beyond the context', { prompt: 'a'.repeat(20_000) }, 'context-exceeded'],
    ['one token too many', { prompt: 'ab', maxNewTokens: CONTEXT - 1 }, 'context-exceeded'],
    ['no lanes', { lanes: [] }, 'lanes-invalid'],
    ['nine lanes', { lanes: Array.from({ length: 9 }, () => HEALTHY_LANE) }, 'lanes-invalid'],
    ['no new tokens', { maxNewTokens: 0 }, 'settings-invalid'],
    ['half a token', { maxNewTokens: 1.5 }, 'settings-invalid'],
    ['not a number of tokens', { maxNewTokens: Number.NaN }, 'settings-invalid'],
    ['top-k 0', { topK: 0 }, 'settings-invalid'],
    ['top-k 101', { topK: 101 }, 'settings-invalid'],
    ['top-k 2.5', { topK: 2.5 }, 'settings-invalid'],
  ])('refuses %s before anything is computed', async (_, changes, code) => {
    const result = await refused(engine, request(changes));
    expect(result).toMatchObject({ ok: false, error: { code } });
    if (!result.ok) expect(result.error.message).toMatch(/[a-z].*\.$/);
  });

  it('fills the context to its last token', async () => {
    const small = engineOf();
    await load(small, 'other');
    const { summary } = await run(small, request({ prompt: 'ab', maxNewTokens: 126 }));
    expect(summary.lanes.map(({ ids }) => ids.length)).toEqual([126, 126]);
    await small.dispose();
  });

  it('takes eight lanes', async () => {
    const lanes = Array.from({ length: 8 }, (_, i) => (i % 2 === 0 ? HEALTHY_LANE : ZERO_LANE));
    const { summary } = await run(engine, request({ lanes }));
    const [healthy, zero] = summary.lanes;
    summary.lanes.forEach(({ ids }, i) => {
      expect(ids).toEqual((i % 2 === 0 ? healthy : zero)?.ids);
    });
  });

  it('reports a caller’s own exception as an error, and can run again', async () => {
    const result = await engine.run(request(), () => {
      throw new TypeError('the page is gone');
    });
    expect(result).toMatchObject({
      ok: false,
      error: { code: 'internal', message: 'the page is gone' },
    });
    await expect(run(engine, request())).resolves.toBeDefined();
  });
});

describe('loading', () => {
  it('describes the model, and says why it runs where it does', async () => {
    const engine = engineOf();
    expect(await engine.probe()).toMatchObject({ ok: true, value: { executionProvider: 'wasm' } });
    const model = await load(engine, 'good');
    expect(model).toMatchObject({ id: 'good', executionProvider: 'wasm' });
    expect(model.executionProviderReason).toBe('Outside a browser the model runs on WASM.');
    expect(model.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(structuredClone(model)).toEqual(model);
    await engine.dispose();
  });

  it('reports its phases in order, with bytes that never fall and end at the whole', async () => {
    const engine = engineOf();
    const reports: LoadProgress[] = [];
    await engine.load(loadRequest('good'), (progress) => reports.push(progress));
    const phases = ['files', 'session', 'warm-up'];
    const order = reports.map(({ phase }) => phases.indexOf(phase));
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(new Set(order)).toEqual(new Set([0, 1, 2]));
    for (const phase of phases) {
      const bytes = reports.filter((report) => report.phase === phase);
      for (const { loadedBytes, totalBytes } of bytes) {
        expect(loadedBytes).toBeLessThanOrEqual(totalBytes);
      }
      expect(bytes.at(-1)?.loadedBytes).toBe(bytes.at(-1)?.totalBytes);
    }
    await engine.dispose();
  });

  it('is needed before a run, and again after dispose', async () => {
    const engine = engineOf();
    expect(await refused(engine, request())).toMatchObject({ error: { code: 'not-loaded' } });
    await load(engine, 'good');
    await engine.dispose();
    expect(await refused(engine, request())).toMatchObject({ error: { code: 'not-loaded' } });
  });

  it('replaces the model before', async () => {
    const engine = engineOf();
    await load(engine, 'good');
    const first = await run(engine, request());
    await load(engine, 'other');
    const second = await run(engine, request());
    expect(second.summary.lanes[0]?.ids).not.toEqual(first.summary.lanes[0]?.ids);
    await engine.dispose();
  });

  it('that fails says why, and can be tried again', async () => {
    const engine = engineOf();
    const failed = await engine.load(loadRequest('empty'), () => undefined);
    expect(failed).toMatchObject({ ok: false, error: { code: 'config-missing' } });
    await load(engine, 'good');
    await expect(run(engine, request())).resolves.toBeDefined();
    await engine.dispose();
  });

  it('refuses weights that do not give finite logits', async () => {
    const engine = engineOf();
    const failed = await engine.load(loadRequest('nan'), () => undefined);
    expect(failed).toMatchObject({ ok: false, error: { code: 'non-finite-logits' } });
    await load(engine, 'good');
    await engine.dispose();
  });

  it('refuses a stored graph that is none', async () => {
    const engine = engineOf({ graph: 'stored' });
    const failed = await engine.load(loadRequest('garbage'), () => undefined);
    expect(failed).toMatchObject({ ok: false, error: { code: 'session-failed' } });
  });

  it('does not pretend that there is WebGPU when it is asked for', async () => {
    const engine = engineOf();
    const wanted: LoadRequest = { ...loadRequest('good'), executionProvider: 'webgpu' };
    const failed = await engine.load(wanted, () => undefined);
    expect(failed).toMatchObject({
      ok: false,
      error: { code: 'session-failed', message: 'Outside a browser the model runs on WASM.' },
    });
  });

  it('falls back to WASM when a WebGPU device makes no session, and keeps the reason', async () => {
    const engine = engineOf({
      runtime: {
        ...nodeRuntime,
        probe: () =>
          Promise.resolve({ executionProvider: 'webgpu', reason: 'A device.', adapter: 'x' }),
        load: (executionProvider) =>
          executionProvider === 'webgpu'
            ? Promise.reject(new Error('out of memory'))
            : nodeRuntime.load(executionProvider),
      },
    });
    const model = await load(engine, 'good');
    expect(model.executionProvider).toBe('wasm');
    expect(model.executionProviderReason).toContain('out of memory');
    await engine.dispose();
  });

  it('that is cancelled while files arrive says so, and can be tried again', async () => {
    let waiting: (() => void) | undefined;
    const begun = new Promise<void>((resolve) => (waiting = resolve));
    let hold = true;
    const slow = readingSource(async (file, limit, onBytes, signal) => {
      if (hold && file === 'model.safetensors') {
        waiting?.();
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
      }
      return memorySource(MODEL).read(file, limit, onBytes, signal);
    });
    const engine = engineOf({ openSource: () => slow });
    const loading = engine.load(loadRequest('good'), () => undefined);
    await begun;
    expect(await engine.load(loadRequest('good'), () => undefined)).toMatchObject({
      error: { code: 'busy' },
    });
    expect(await refused(engine, request())).toMatchObject({ ok: false });
    await engine.cancelLoad();
    expect(await loading).toMatchObject({ ok: false, error: { code: 'cancelled' } });
    hold = false;
    await load(engine, 'good');
    await engine.dispose();
  });

  it('that is cancelled in its warm-up says so, and can be tried again', async () => {
    const engine = engineOf();
    const loading = engine.load(loadRequest('good'), ({ phase }) => {
      if (phase === 'warm-up') void engine.cancelLoad();
    });
    expect(await loading).toMatchObject({ ok: false, error: { code: 'cancelled' } });
    expect(await refused(engine, request())).toMatchObject({ error: { code: 'not-loaded' } });
    await load(engine, 'good');
    await engine.dispose();
  });

  it('ends in an answer when it is disposed of while a run goes on', async () => {
    const engine = engineOf();
    await load(engine, 'good');
    const result = await engine.run(request({ maxNewTokens: 1000 }), (event) => {
      if (event.type === 'started') void engine.dispose();
    });
    if (result.ok) expect(result.value.lanes[0]?.stopped).toBe('cancelled');
    expect(await refused(engine, request())).toMatchObject({ error: { code: 'not-loaded' } });
  });

  it('refuses a prompt in which the tokenizer finds no token', async () => {
    // Without byte fallback and unknown token, characters outside the vocabulary vanish.
    const json = new TextDecoder().decode(MODEL['tokenizer.json']);
    const stripping = { type: 'Replace', pattern: { String: '?' }, content: '' };
    const silent = json.replace('"normalizer":null', `"normalizer":${JSON.stringify(stripping)}`);
    const directory = { ...MODEL, 'tokenizer.json': encode(silent) };
    const engine = engineOf({ openSource: () => memorySource(directory) });
    await load(engine, 'good');
    const result = await engine.run(request({ prompt: '???' }), () => undefined);
    expect(result).toMatchObject({ ok: false, error: { code: 'prompt-empty' } });
    await engine.dispose();
  });
});
