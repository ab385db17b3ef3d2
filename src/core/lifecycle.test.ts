import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Guard, GUARDS } from './guards';
import { HEALTHY_LANE, laneFrequencies, laneTables } from './lanes';
import {
  laneOf,
  type Loading,
  META_READ_ERROR,
  readInvFreq,
  type RotationEffect,
  simulateLoading,
} from './lifecycle';
import {
  type FreshMemory,
  type InitWeights,
  type LoadingChoices,
  LOADING_WORLDS,
  type LoadingWorld,
  USUAL_LOADING,
} from './lifecycleChoices';
import { INV_FREQ, LOADING_ORDER, type LoadingStepId, type TensorState } from './lifecycleStates';
import { inverseFrequencies, rotaryTables, sameBits } from './rope';

const CONFIG = { headDim: 64, ropeTheta: 1_000_000, tieWordEmbeddings: true };
const HEALTHY = inverseFrequencies(CONFIG);
const MEMORIES: readonly FreshMemory[] = ['leftovers', 'tiny', 'zeros', 'huge', 'nan'];
const INIT_WEIGHTS: readonly InitWeights[] = ['inherited', 'own', 'own-super', 'own-refills'];
const GUARD_NAMES = Object.keys(GUARDS) as Guard[];
const NO_YES = [false, true] as const;
const WEIGHT = 'model.layers.0.self_attn.q_proj.weight';
const TAKEN_OUT = 'model.layers.1.self_attn.q_norm.weight';
const PARAMETERS = [
  { name: 'model.embed_tokens.weight', shape: [1792, 192], dtype: 'F16' },
  { name: WEIGHT, shape: [192, 192], dtype: 'F16' },
  { name: TAKEN_OUT, shape: [64], dtype: 'F16', inCheckpoint: false },
];

/** Every set of choices with that memory. */
const choicesWith = (freshMemory: FreshMemory): LoadingChoices[] =>
  NO_YES.flatMap((persistent) =>
    NO_YES.flatMap((inCheckpoint) =>
      INIT_WEIGHTS.flatMap((initWeights) =>
        NO_YES.flatMap((originalInvFreq) =>
          GUARD_NAMES.map((guard) => ({
            freshMemory,
            seed: 7,
            persistent,
            inCheckpoint,
            initWeights,
            originalInvFreq,
            guard,
          })),
        ),
      ),
    ),
  );

const ALL_CHOICES = MEMORIES.flatMap(choicesWith);
const WORLDS_AND_MEMORIES = LOADING_WORLDS.flatMap((world) =>
  MEMORIES.map((memory) => [world, memory] as const),
);

const simulated = (world: LoadingWorld, choices: Partial<LoadingChoices>): Loading =>
  simulateLoading(world, { ...USUAL_LOADING, ...choices }, CONFIG, PARAMETERS);

const step = ({ steps }: Loading, id: LoadingStepId) => {
  const found = steps.find((candidate) => candidate.id === id);
  if (found === undefined) throw new Error(`no step ${id}`);
  return found;
};

/**
 * The facts of the case, as rules. 4.57 builds with buffers on the CPU, so the values of __init__ survive. 5.x gives the
 * buffer fresh memory; filling it in the module's own _init_weights helps, and so does the library's own method, which
 * refills rotary modules with original_inv_freq. A buffer that is persistent and in the checkpoint is loaded. Patch 5
 * fires only where the memory is exactly zero; recomputing once helps every time.
 */
function facts(world: LoadingWorld, choices: LoadingChoices) {
  const { freshMemory, initWeights, guard } = choices;
  const isLoaded = choices.persistent && choices.inCheckpoint;
  const isRefilled =
    initWeights === 'own-refills' ||
    (choices.originalInvFreq && (initWeights === 'inherited' || initWeights === 'own-super'));
  const isLost = world === '5.x' && !isLoaded && !isRefilled;
  const fires = guard === 'refill' || (guard === 'patch5' && isLost && freshMemory === 'zeros');
  const EFFECTS: Record<FreshMemory, RotationEffect> = {
    leftovers: 'arbitrary',
    tiny: 'negligible',
    zeros: 'identity',
    huge: 'arbitrary',
    nan: 'not-a-number',
  };
  return {
    isLost,
    guardFired: fires,
    reportedMissing: choices.persistent && !choices.inCheckpoint,
    effect: isLost && !fires ? EFFECTS[freshMemory] : 'healthy',
  };
}

describe('from_pretrained, in every combination', () => {
  it.each(WORLDS_AND_MEMORIES)('ends as the facts say: %s, %s', (world, freshMemory) => {
    const all = choicesWith(freshMemory);
    expect(all).toHaveLength(2 * 2 * 4 * 2 * 3);
    for (const choices of all) {
      const { outcome } = simulated(world, choices);
      const { isLost, ...expected } = facts(world, choices);
      expect(outcome, JSON.stringify(choices)).toMatchObject(expected);
      expect(outcome.loaded === 'empty').toBe(isLost);
      expect(sameBits(outcome.invFreq, HEALTHY)).toBe(expected.effect === 'healthy');
    }
  });

  it('gives a lane whose inv_freq and guard are the simulated ones, bit for bit', () => {
    const seeds = fc.integer({ min: 0, max: 0xffffffff });
    const configs = fc.record({
      headDim: fc.integer({ min: 2, max: 64 }).map((pairs) => 2 * pairs),
      ropeTheta: fc.constantFrom(10_000, 100_000, 1_000_000),
      tieWordEmbeddings: fc.boolean(),
    });
    fc.assert(
      fc.property(seeds, configs, (seed, config) => {
        for (const world of LOADING_WORLDS) {
          for (const choices of ALL_CHOICES) {
            const loading = simulateLoading(world, { ...choices, seed }, config);
            const lane = laneOf(loading);
            const frequencies = laneFrequencies(lane, config);
            expect(sameBits(frequencies.invFreq, loading.outcome.invFreq)).toBe(true);
            expect(frequencies.guardFired).toBe(loading.outcome.guardFired);
            const { sin } = laneTables(lane, frequencies, 3);
            expect(sameBits(sin, rotaryTables(loading.outcome.invFreq, 3).sin)).toBe(true);
          }
        }
      }),
      { numRuns: 10 },
    );
  });

  it('is a healthy lane wherever the values survive or come from the checkpoint', () => {
    expect(laneOf(simulated('4.57', {}))).toEqual(HEALTHY_LANE);
    expect(laneOf(simulated('5.x', { persistent: true, inCheckpoint: true }))).toEqual(
      HEALTHY_LANE,
    );
    expect(laneOf(simulated('5.x', { seed: 12, guard: 'patch5' }))).toEqual({
      fault: { kind: 'uninitialised', parameters: { seed: 12 } },
      guard: 'patch5',
    });
  });
});

interface Measured {
  readonly transformers: string;
  readonly outcomes: readonly (readonly [
    memory: FreshMemory,
    persistent: boolean,
    inCheckpoint: boolean,
    initWeights: InitWeights,
    originalInvFreq: boolean,
    guard: Guard,
    missing: boolean,
    loaded: string,
    fired: boolean,
    forward: string,
  ])[];
  readonly stages: readonly (readonly [
    persistent: boolean,
    inCheckpoint: boolean,
    initWeights: InitWeights,
    originalInvFreq: boolean,
    after: Readonly<
      Record<string, Readonly<Record<'inv_freq' | 'weight' | 'taken_out' | 'head', string>>>
    >,
  ])[];
}

const measured = (file: string) =>
  JSON.parse(
    readFileSync(new URL(`../../training/golden/${file}`, import.meta.url), 'utf8'),
  ) as Measured;

/** What `training/loading.py` wrote with the real libraries. */
describe.each([
  ['4.57', measured('loading-4.57.6.json')],
  ['5.x', measured('loading-5.18.0.json')],
] as const)('the real library, %s', (world, { transformers, outcomes, stages }) => {
  it('was measured in every combination with the memories that can be had', () => {
    expect(transformers.startsWith(world === '4.57' ? '4.57.' : '5.')).toBe(true);
    const combinations = outcomes.map((row) => row.slice(0, 6).join());
    expect(new Set(combinations).size).toBe(4 * 2 * 2 * 4 * 2 * 3);
    const ways = stages.map((row) => JSON.stringify(row.slice(0, 4)));
    expect(new Set(ways).size).toBe(2 * 2 * 4 * 2);
  });

  it('ends as the simulation does', () => {
    for (const row of outcomes) {
      const [freshMemory, persistent, inCheckpoint, initWeights, originalInvFreq, guard] = row;
      const [missing, loaded, fired, forward] = row.slice(6);
      const choices = { freshMemory, persistent, inCheckpoint, initWeights, originalInvFreq };
      const { outcome, steps } = simulated(world, { ...choices, guard });
      const named = (state: TensorState | undefined) => (state === 'empty' ? freshMemory : state);
      const last = steps.at(-1)?.states.get(INV_FREQ);
      expect(
        [outcome.reportedMissing, named(outcome.loaded), outcome.guardFired, named(last)],
        row.join(),
      ).toEqual([missing, loaded, fired, forward]);
    }
  });

  it('goes through the same states', () => {
    for (const [persistent, inCheckpoint, initWeights, originalInvFreq, after] of stages) {
      const choices = { persistent, inCheckpoint, initWeights, originalInvFreq };
      const loading = simulated(world, { ...choices, freshMemory: 'huge' });
      const order = LOADING_ORDER[world].filter((id) => id in after);
      expect(Object.keys(after)).toEqual(order);
      for (const id of order) {
        const { states } = step(loading, id);
        const invFreq = states.get(INV_FREQ);
        expect({
          inv_freq: invFreq === 'empty' ? 'huge' : invFreq,
          weight: states.get(WEIGHT),
          taken_out: states.get(TAKEN_OUT),
          head: states.get('lm_head.weight'),
        }).toEqual(after[id]);
      }
    }
  });
});

describe('an early read', () => {
  it('of inv_freq raises in 5.x until the buffer has memory', () => {
    const loading = simulated('5.x', {});
    const readings = loading.steps.map((each) => readInvFreq(each).kind);
    expect(loading.steps.map(({ id }) => id)).toEqual(LOADING_ORDER['5.x']);
    expect(readings).toEqual([
      'absent',
      'raises',
      'raises',
      'values',
      'values',
      'values',
      'values',
    ]);
    expect(readInvFreq(step(loading, 'construct'))).toEqual({
      kind: 'raises',
      error: META_READ_ERROR,
    });
  });

  it('never shows good values in 5.x: what shows them recomputes, or comes from the checkpoint', () => {
    for (const choices of ALL_CHOICES) {
      const loading = simulated('5.x', choices);
      for (const id of ['construct', 'materialise'] as const) {
        const reading = readInvFreq(step(loading, id));
        const isHealthy = reading.kind === 'values' && sameBits(reading.values, HEALTHY);
        const isLoaded = choices.persistent && choices.inCheckpoint;
        expect(isHealthy).toBe(id === 'materialise' && isLoaded);
      }
    }
  });

  it('shows good values in 4.57, from __init__ on', () => {
    const readings = simulated('4.57', {}).steps.map(readInvFreq);
    expect(readings[0]).toEqual({ kind: 'absent' });
    for (const reading of readings.slice(1)) {
      expect(reading).toEqual({ kind: 'values', values: HEALTHY });
    }
  });
});

describe('the tensors', () => {
  it('are those of the checkpoint, the buffer and the tied head', () => {
    const { tensors } = simulated('5.x', { inCheckpoint: true });
    expect(tensors.map(({ name, kind, inCheckpoint }) => [name, kind, inCheckpoint])).toEqual([
      [INV_FREQ, 'buffer', true],
      ['model.embed_tokens.weight', 'parameter', true],
      [WEIGHT, 'parameter', true],
      [TAKEN_OUT, 'parameter', false],
      ['lm_head.weight', 'parameter', false],
    ]);
    const untied = { ...CONFIG, tieWordEmbeddings: false };
    const names = simulateLoading('5.x', USUAL_LOADING, untied, PARAMETERS).tensors.map(
      ({ name }) => name,
    );
    expect(names).not.toContain('lm_head.weight');
  });

  it('end with memory in both worlds, and all but inv_freq end alike', () => {
    for (const choices of ALL_CHOICES) {
      const [older, newer] = LOADING_WORLDS.map((world) => simulated(world, choices));
      const last = (loading: Loading | undefined) => new Map(loading?.steps.at(-1)?.states);
      const [a, b] = [last(older), last(newer)];
      expect([...a.values(), ...b.values()]).not.toContain('meta');
      a.delete(INV_FREQ);
      b.delete(INV_FREQ);
      expect(a).toEqual(b);
      expect(a.get(TAKEN_OUT)).toBe('computed');
      a.delete(TAKEN_OUT);
      expect(new Set(a.values())).toEqual(new Set(['from-checkpoint']));
    }
  });

  it('that are in the file are named there once, inv_freq too', () => {
    const held = [...PARAMETERS, { name: INV_FREQ, shape: [32], dtype: 'F32' }];
    const { tensors } = simulateLoading('5.x', USUAL_LOADING, CONFIG, held);
    expect(tensors.filter(({ name }) => name === INV_FREQ)).toHaveLength(1);
  });
});
