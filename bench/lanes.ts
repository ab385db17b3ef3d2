import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { HEALTHY_LANE, type LaneSpec, stackLanes } from '../src/core/lanes';
import type { ModelSource } from '../workers/modelSource';
import { decodeGreedy } from '../workers/decode';
import { Engine } from '../workers/engine';
import { nodeRuntime } from '../workers/nodeRuntime';
import { memorySource, readDirectory } from '../workers/testing/modelSources';
import { LLAMA_15M, randomModel } from '../workers/testing/randomModel';
import { openModel, type OpenModel } from '../workers/testing/referenceDecoding';
import { median } from './median';

/**
 * What lanes cost: steps per second of one lane and of two lanes in one batch on WASM with one thread, and how much of a
 * step passes outside the session. The cases take turns in every round, so that a busy machine disturbs all alike;
 * ratios are taken within a round, and medians over the rounds.
 */

const BUNDLED = fileURLToPath(new URL('../public/models/nano-opensci/', import.meta.url));
const LANES: readonly LaneSpec[] = [HEALTHY_LANE, { fault: { kind: 'zero' }, guard: 'none' }];
const TOP_K = 5;
const PROMPT_TOKENS = 8;

interface Timed {
  /** Decode steps, without the prefill, in milliseconds each. */
  readonly stepMs: number;
  /** Processor time of all the process's threads per token, prefill included: a busy machine distorts it less. */
  readonly cpuMs: number;
  /** Part of the whole decoding that passed outside the session. */
  readonly outside: number;
}

interface LaneReport {
  readonly model: string;
  readonly oneLaneStepsPerSecond: number;
  readonly twoLanesStepsPerSecond: number;
  /** Time of a step of two lanes in one batch ÷ time of a step of one lane. Aim: at most 1.4. */
  readonly twoLanesToOne: number;
  /** The same in processor time. */
  readonly twoLanesToOneCpu: number;
  /** Time of two lanes one after the other ÷ time of both in one batch: what batching gains. */
  readonly sequentialToBatch: number;
  readonly outsideOneLane: number;
  readonly outsideTwoLanes: number;
}

interface EngineReport {
  readonly model: string;
  readonly lanes: number;
  readonly stepsPerSecond: number;
  /** 1 − sessionMs ÷ (prefillMs + decodeMs): top-k, text, events. Aim: at most 0.1. */
  readonly outside: number;
}

async function timeLanes(
  { config, session }: OpenModel,
  lanes: readonly LaneSpec[],
  steps: number,
): Promise<Timed> {
  const promptIds = Array.from({ length: PROMPT_TOKENS }, (_, i) => 5 + 7 * i);
  const before = process.cpuUsage();
  const { timing } = await decodeGreedy({
    session,
    promptIds,
    tables: stackLanes(lanes, config, PROMPT_TOKENS + steps).tables,
    lanes: lanes.length,
    vocabSize: config.vocabSize,
    eosTokenIds: [],
    maxNewTokens: steps,
    topK: TOP_K,
    isCancelled: () => false,
    onStep: () => undefined,
  });
  const { user, system } = process.cpuUsage(before);
  return {
    stepMs: timing.decodeMs / timing.decodeSteps,
    cpuMs: (user + system) / 1000 / steps,
    outside: 1 - timing.sessionMs / (timing.prefillMs + timing.decodeMs),
  };
}

async function benchLanes(
  name: string,
  model: OpenModel,
  rounds: number,
  steps: number,
): Promise<LaneReport> {
  const one: Timed[] = [];
  const two: Timed[] = [];
  const sequential: number[] = [];
  for (let round = -1; round < rounds; round++) {
    const alone = await timeLanes(model, LANES.slice(0, 1), steps);
    const batch = await timeLanes(model, LANES, steps);
    const first = await timeLanes(model, LANES.slice(0, 1), steps);
    const second = await timeLanes(model, LANES.slice(1), steps);
    // The first round compiles and tiers up.
    if (round < 0) continue;
    one.push(alone);
    two.push(batch);
    sequential.push(first.stepMs + second.stepMs);
  }
  const perRound = (ratio: (i: number) => number) => median(one.map((_, i) => ratio(i)));
  const stepOf = (timed: readonly Timed[], i: number) => timed[i]?.stepMs ?? Number.NaN;
  const cpuOf = (timed: readonly Timed[], i: number) => timed[i]?.cpuMs ?? Number.NaN;
  return {
    model: name,
    oneLaneStepsPerSecond: 1000 / median(one.map(({ stepMs }) => stepMs)),
    twoLanesStepsPerSecond: 1000 / median(two.map(({ stepMs }) => stepMs)),
    twoLanesToOne: perRound((i) => stepOf(two, i) / stepOf(one, i)),
    twoLanesToOneCpu: perRound((i) => cpuOf(two, i) / cpuOf(one, i)),
    sequentialToBatch: perRound((i) => (sequential[i] ?? Number.NaN) / stepOf(two, i)),
    outsideOneLane: median(one.map(({ outside }) => outside)),
    outsideTwoLanes: median(two.map(({ outside }) => outside)),
  };
}

/** The whole engine, as the page and the command line use it. */
async function benchEngine(
  name: string,
  source: ModelSource,
  rounds: number,
  steps: number,
): Promise<EngineReport[]> {
  const engine = new Engine({ runtime: nodeRuntime, openSource: () => source, graph: 'built' });
  const reference = { kind: 'directory', location: name } as const;
  const request = { reference, id: name, executionProvider: 'wasm' } as const;
  const loaded = await engine.load(request, () => undefined);
  if (!loaded.ok) throw new Error(loaded.error.message);
  const results = [1, 2].map((lanes) => ({
    lanes,
    speed: [] as number[],
    outside: [] as number[],
  }));
  let runId = 0;
  for (let round = -1; round < rounds; round++) {
    for (const { lanes, speed, outside } of results) {
      const run = await engine.run(
        {
          runId: ++runId,
          prompt: 'Once upon a time, there was a little girl',
          lanes: LANES.slice(0, lanes),
          maxNewTokens: steps,
          topK: TOP_K,
        },
        () => undefined,
      );
      if (!run.ok) throw new Error(run.error.message);
      const { prefillMs, decodeMs, sessionMs, tokensPerSecond } = run.value.timing;
      if (round < 0 || tokensPerSecond === null) continue;
      speed.push(tokensPerSecond);
      outside.push(1 - sessionMs / (prefillMs + decodeMs));
    }
  }
  await engine.dispose();
  return results.map(({ lanes, speed, outside }) => ({
    model: name,
    lanes,
    stepsPerSecond: median(speed),
    outside: median(outside),
  }));
}

function printTable(lanes: readonly LaneReport[], engines: readonly EngineReport[]): void {
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  console.log('The decode loop (greedy, top-5, KV cache), WASM, one thread; medians:');
  console.table(
    Object.fromEntries(
      lanes.map((report) => [
        report.model,
        {
          '1 lane, steps/s': report.oneLaneStepsPerSecond.toFixed(0),
          '2 lanes, steps/s': report.twoLanesStepsPerSecond.toFixed(0),
          'time 2 : 1 (aim ≤ 1.4)': report.twoLanesToOne.toFixed(2),
          'in CPU time': report.twoLanesToOneCpu.toFixed(2),
          'sequential : batch': report.sequentialToBatch.toFixed(2),
          'outside, 1 lane': percent(report.outsideOneLane),
          'outside, 2 lanes': percent(report.outsideTwoLanes),
        },
      ]),
    ),
  );
  console.log('The whole engine (texts, labels and events as well):');
  console.table(
    Object.fromEntries(
      engines.map((report) => [
        `${report.model}, ${report.lanes} lane${report.lanes > 1 ? 's' : ''}`,
        {
          'steps/s': report.stepsPerSecond.toFixed(0),
          'outside the session (aim ≤ 10 %)': percent(report.outside),
        },
      ]),
    ),
  );
}

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '9' },
    steps: { type: 'string', default: '48' },
    json: { type: 'boolean', default: false },
  },
});
const rounds = Math.max(1, Number.parseInt(values.rounds, 10));
const steps = Math.max(2, Number.parseInt(values.steps, 10));

const large = randomModel(LLAMA_15M);
const bundled = readDirectory(BUNDLED, ['config.json', 'tokenizer.json', 'model.safetensors']);
const models = [
  ['random 15M', large],
  ['nano-opensci', bundled],
] as const;

const lanes: LaneReport[] = [];
const engines: EngineReport[] = [];
for (const [name, files] of models) {
  const model = await openModel(files);
  lanes.push(await benchLanes(name, model, rounds, steps));
  await model.session.release();
  engines.push(...(await benchEngine(name, memorySource(files), rounds, steps)));
}

const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown CPU'}, Node ${process.version}`;
const { version: ort } = JSON.parse(
  readFileSync(
    fileURLToPath(new URL('../node_modules/onnxruntime-web/package.json', import.meta.url)),
    'utf8',
  ),
) as { version: string };
if (values.json) {
  console.log(JSON.stringify({ machine, ort, rounds, steps, lanes, engines }, null, 2));
} else {
  console.log(`${machine}, onnxruntime-web ${ort}; ${rounds} rounds of ${steps} tokens`);
  printTable(lanes, engines);
}
