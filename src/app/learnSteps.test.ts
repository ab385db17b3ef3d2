import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { placeOf, STEPS } from './learnSteps';

describe('a fragment of the learn page', () => {
  it.each(STEPS)('$slug opens its step', (step) => {
    expect(placeOf(step.slug)).toEqual({ step, anchor: null, unknown: false });
  });

  it('names one repair', () => {
    const { step, anchor, unknown } = placeOf('repair-3');
    expect([step.slug, anchor, unknown]).toEqual(['repairs', 'repair-3', false]);
    expect(placeOf('repair-6').unknown).toBe(true);
  });

  it('may be missing, or anything at all', () => {
    expect(placeOf('')).toEqual({ step: STEPS[0], anchor: null, unknown: false });
    fc.assert(
      fc.property(fc.string(), (fragment) => {
        expect(STEPS).toContain(placeOf(fragment).step);
      }),
    );
    expect(placeOf('constructor').unknown).toBe(true);
  });
});
