import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Guard, GUARDS } from '../../core/guards';
import { simulateLoading } from '../../core/lifecycle';
import { type LoadingChoices, LOADING_WORLDS, USUAL_LOADING } from '../../core/lifecycleChoices';
import { LOADING_STEP_COUNT } from '../../core/lifecycleSteps';
import { firstValues, outcomeText, readingText, stepText } from './lifecycleText';

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

describe('the outcome in words', () => {
  it('is healthy or broken as the outcome is, and says what guard and report did', () => {
    fc.assert(
      fc.property(fc.constantFrom(...LOADING_WORLDS), choices, (world, chosen) => {
        const loading = simulateLoading(world, chosen, CONFIG);
        const { effect, guardFired, reportedMissing } = loading.outcome;
        const text = outcomeText(loading);
        expect(text.startsWith(effect === 'healthy' ? 'Healthy: ' : 'Broken: ')).toBe(true);
        expect(text.includes('patch 5 fired')).toBe(guardFired && chosen.guard === 'patch5');
        expect(text.includes('Patch 5 stayed silent')).toBe(
          effect !== 'healthy' && chosen.guard === 'patch5',
        );
        expect(text.includes('named inv_freq as missing')).toBe(reportedMissing);
        expect(text.includes('Nothing raised')).toBe(effect !== 'healthy' && !reportedMissing);
      }),
      { numRuns: 1000 },
    );
  });

  it('shows the published values in 4.57, and zeros where the memory is zero', () => {
    const older = simulateLoading('4.57', USUAL_LOADING, CONFIG);
    expect(firstValues(older.outcome.invFreq)).toBe('1, 0.6494, 0.4217, 0.2738');
    const zeros = { ...USUAL_LOADING, freshMemory: 'zeros' } as const;
    const newer = simulateLoading('5.x', zeros, CONFIG);
    expect(firstValues(newer.outcome.invFreq)).toBe('0, 0, 0, 0');
  });
});

describe('a probe in words', () => {
  it('of 5.x finds no module, then raises, then reads what the memory held', () => {
    const huge = { ...USUAL_LOADING, freshMemory: 'huge' } as const;
    const { steps } = simulateLoading('5.x', huge, CONFIG);
    const raises = 'Raises NotImplementedError: Cannot copy out of meta tensor; no data!';
    const reads = 'Reads 1.537e16, 1.537e16, 1.537e16, 1.537e16';
    expect(steps.map(readingText)).toEqual([
      'There is no module to read from yet.',
      raises,
      raises,
      reads,
      reads,
      reads,
      reads,
    ]);
  });
});

describe('the place of both versions in words', () => {
  it('names step, count and the state of inv_freq in each', () => {
    const loadings = LOADING_WORLDS.map((world) => simulateLoading(world, USUAL_LOADING, CONFIG));
    expect(stepText(loadings, 3)).toBe(
      `Step 4 of ${LOADING_STEP_COUNT}. 4.57: Initialise, inv_freq computed. 5.x: Materialise, inv_freq empty.`,
    );
  });
});
