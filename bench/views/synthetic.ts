import { appError } from '../../src/core/errors';
import type { Fault } from '../../src/core/faults';
import type { LaneSpec } from '../../src/core/lanes';
import type { Capture, InspectionApi } from '../../src/protocol/inspection';
import type { InspectedRun } from '../../src/features/inspect/inspectedRun';
import type { RopeLane } from '../../src/features/rope/ropeLanes';
import type { RunRecord } from '../../src/state/run';

/** The model that views are to be fluent with, and a run of it as long as they show. */
export const LARGE = { layers: 24, heads: 32, headDim: 128, positions: 512, ropeTheta: 1_000_000 };

const RUN_ID = 1;
const PROMPT_TOKENS = 12;
/** The last token that is generated is read by nobody. */
const STEPS = LARGE.positions - PROMPT_TOKENS + 1;

/** The last holds no numbers, so that hatching is measured too. */
const FAULTS: readonly Fault[] = [
  { kind: 'none' },
  { kind: 'zero' },
  { kind: 'uninitialised', parameters: { seed: 7 } },
  { kind: 'scaled', parameters: { alpha: 0.5 } },
  { kind: 'band' },
  { kind: 'wrong-theta' },
  { kind: 'bf16' },
  { kind: 'nan' },
];

const WORDS = ['the', ' red', ' dog', ' counts', ' to', ' four', ',', '\n'];

export function ropeLanes(count: number): RopeLane[] {
  return FAULTS.slice(0, count).map((fault, index) => {
    const spec: LaneSpec = { fault, guard: 'none' };
    return { index, spec, name: index === 0 ? 'Healthy' : `Lane of ${fault.kind}` };
  });
}

/** A run of which only what the views read is there. */
export function syntheticRun(count: number): InspectedRun {
  const token = (at: number) => ({ id: at, text: WORDS[at % WORDS.length] ?? '', label: '' });
  const step = (lane: number) => (at: number) => ({
    ...token(at + lane),
    top: Array.from({ length: 5 }, (_, k) => ({
      id: at + k,
      token: token(at + 3 * k).text,
      logit: 12 - k - Math.sin(at + lane) ** 2,
    })),
  });
  const lanes = ropeLanes(count);
  const record = {
    runId: RUN_ID,
    prompt: Array.from({ length: PROMPT_TOKENS }, (_, at) => token(at)),
    lanes: lanes.map(({ index, spec }) => ({
      spec,
      rotation: null,
      steps: Array.from({ length: STEPS }, (_, at) => step(index)(at)),
      stopped: 'length',
    })),
  };
  return {
    record: record as unknown as RunRecord,
    lanes: lanes.map(({ index, name }) => ({ index, name })),
    source: ['synthetic', 'a prompt'],
  };
}

export function syntheticCapture({ record }: InspectedRun): Capture {
  const { layers, heads, headDim } = LARGE;
  const prompt = record.prompt.map(({ id }) => id);
  const tokenIds = record.lanes.map(({ steps }) => [
    ...prompt,
    ...steps.slice(0, -1).map(({ id }) => id),
  ]);
  return { runId: RUN_ID, layers, heads, keyValueHeads: heads, headDim, tokenIds };
}

/** Answers as the worker gives them: every array is a new one, as if it had been received. */
export function syntheticInspection(count: number): InspectionApi {
  const { layers, heads, positions } = LARGE;
  const run = syntheticRun(count);
  const random = noise(1);
  const perHead = Float32Array.from({ length: layers * heads * positions }, random);
  const overHeads = Float32Array.from({ length: layers * positions }, random);
  const maps = Array.from({ length: 4 }, () => causalWeights(positions, random));
  const nothing = new Float32Array(positions * positions).fill(Number.NaN);
  const answer = <T>(value: T) => Promise.resolve({ ok: true, value } as const);
  return {
    capture: () => answer(syntheticCapture(run)),
    tensorDifference: () =>
      answer({ layers, heads, positions, perHead: perHead.slice(), overHeads: overHeads.slice() }),
    attention: ({ lane, layer, head }) => {
      const map = maps[(lane + layer + head) % maps.length] ?? nothing;
      const weights = FAULTS[lane]?.kind === 'nan' ? nothing : map;
      return answer({ positions, weights: weights.slice() });
    },
    positionTrace: () =>
      Promise.resolve({ ok: false, error: appError('run-forgotten', 'No view asks for it.') }),
    distributions: (runId) =>
      answer({
        runId,
        lanes: run.lanes.map(({ index }) =>
          Array.from({ length: STEPS }, () => ({
            entropy: 4 * random(),
            kl: index * random(),
            rank: 1 + Math.floor(50 * random()),
            probability: random(),
          })),
        ),
      }),
  };
}

/** [positions, positions]: rows of the lower triangle that sum to 1. */
function causalWeights(positions: number, random: () => number): Float32Array {
  const weights = new Float32Array(positions * positions);
  for (let q = 0; q < positions; q++) {
    const row = weights.subarray(q * positions, q * positions + q + 1);
    row.forEach((_, k) => (row[k] = random() ** 8));
    const sum = row.reduce((a, b) => a + b, 0);
    row.forEach((weight, k) => (row[k] = weight / sum));
  }
  return weights;
}

/** Numbers from 0 to 1, the same in every run (mulberry32). */
function noise(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
