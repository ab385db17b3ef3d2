import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Guard, GUARDS } from './guards';
import { simulateLoading } from './lifecycle';
import { type LoadingChoices, LOADING_WORLDS } from './lifecycleChoices';
import { INV_FREQ, LOADING_ORDER, type LoadingStepId, type TensorState } from './lifecycleStates';
import { invFreqNote, LOADING_STEP_COUNT, LOADING_STEPS } from './lifecycleSteps';

const CONFIG = { headDim: 64, ropeTheta: 1_000_000, tieWordEmbeddings: true };

const choices = fc.record<LoadingChoices>({
  freshMemory: fc.constantFrom('leftovers', 'tiny', 'zeros', 'huge', 'nan'),
  seed: fc.nat(),
  persistent: fc.boolean(),
  inCheckpoint: fc.boolean(),
  initWeights: fc.constantFrom('inherited', 'own', 'own-super', 'own-refills'),
  originalInvFreq: fc.boolean(),
  guard: fc.constantFrom(...(Object.keys(GUARDS) as Guard[])),
});
const worlds = fc.constantFrom(...LOADING_WORLDS);

/** What is said of inv_freq in a step, and its states before and after. */
function told(world: (typeof LOADING_WORLDS)[number], chosen: LoadingChoices, id: LoadingStepId) {
  const { steps, outcome } = simulateLoading(world, chosen, CONFIG);
  const at = LOADING_ORDER[world].indexOf(id);
  const state = (index: number): TensorState => steps[index]?.states.get(INV_FREQ) ?? 'absent';
  const before = state(at - 1);
  const note = invFreqNote(world, id, chosen, { before, guardFired: outcome.guardFired });
  return { note, before, after: state(at), outcome };
}

describe('the steps', () => {
  it('are told in both worlds, and are as many', () => {
    for (const world of LOADING_WORLDS) {
      expect(LOADING_ORDER[world]).toHaveLength(LOADING_STEP_COUNT);
      expect(Object.keys(LOADING_STEPS[world]).sort()).toEqual([...LOADING_ORDER[world]].sort());
    }
  });
});

describe('what is said of inv_freq', () => {
  it('in _init_weights is what happens to it', () => {
    fc.assert(
      fc.property(choices, (chosen) => {
        const { note, before, after } = told('5.x', chosen, 'initialise');
        const isChanged = before !== after;
        expect(/computes inv_freq again|writes over/.test(note)).toBe(isChanged);
        expect(note.includes('writes over')).toBe(isChanged && before === 'from-checkpoint');
      }),
      { numRuns: 500 },
    );
  });

  it('in the checkpoint is whether it is loaded', () => {
    fc.assert(
      fc.property(worlds, choices, (world, chosen) => {
        const { note, after } = told(world, chosen, 'load');
        expect(note.includes('loaded like a weight')).toBe(after === 'from-checkpoint');
      }),
    );
  });

  it('in fresh memory is whether that is what it holds', () => {
    fc.assert(
      fc.property(worlds, choices, (world, chosen) => {
        const { note, after } = told(world, chosen, 'materialise');
        expect(note.includes('whatever that memory held')).toBe(after === 'empty');
      }),
    );
  });

  it('at the end is what was reported and what the guard did', () => {
    fc.assert(
      fc.property(worlds, choices, (world, chosen) => {
        const tied = told(world, chosen, 'tie');
        expect(tied.note.includes('as missing')).toBe(tied.outcome.reportedMissing);
        const { note, outcome } = told(world, chosen, 'forward');
        expect(note.includes('recomputed')).toBe(outcome.guardFired);
        expect(note.includes('stayed silent')).toBe(
          chosen.guard === 'patch5' && !outcome.guardFired,
        );
      }),
    );
  });
});
