import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commonPrefix, firstDivergence } from './divergence';

/** Few ids, so that lanes often agree for a while. */
const ids = fc.array(fc.nat(2), { maxLength: 12 });

describe('commonPrefix', () => {
  it('is the longest beginning that both have', () => {
    fc.assert(
      fc.property(ids, ids, (a, b) => {
        const length = commonPrefix(a, b);
        expect(a.slice(0, length)).toEqual(b.slice(0, length));
        const longer = length + 1 <= Math.min(a.length, b.length);
        if (longer) expect(a[length]).not.toBe(b[length]);
        expect(commonPrefix(b, a)).toBe(length);
      }),
    );
  });
});

describe('firstDivergence', () => {
  it('is null exactly for equal lanes', () => {
    fc.assert(
      fc.property(ids, ids, (a, b) => {
        expect(firstDivergence(a, b) === null).toBe(JSON.stringify(a) === JSON.stringify(b));
        expect(firstDivergence(a, a)).toBeNull();
      }),
    );
  });

  it('is symmetric, and is the end of the common prefix', () => {
    fc.assert(
      fc.property(ids, ids, fc.boolean(), (a, b, ended) => {
        const step = firstDivergence(a, b, { ended });
        expect(firstDivergence(b, a, { ended })).toBe(step);
        if (step !== null) expect(step).toBe(commonPrefix(a, b));
      }),
    );
  });

  it('finds where a known change was made', () => {
    fc.assert(
      fc.property(ids, ids, ids, (shared, restA, restB) => {
        const a = [...shared, 100, ...restA];
        const b = [...shared, 200, ...restB];
        expect(firstDivergence(a, b)).toBe(shared.length);
        expect(firstDivergence(a, b, { ended: false })).toBe(shared.length);
      }),
    );
  });

  it('counts the token that an ended lane lacks', () => {
    expect(firstDivergence([1, 2], [1, 2, 3])).toBe(2);
    expect(firstDivergence([], [1])).toBe(0);
  });

  it('of lanes that go on is null while one begins the other', () => {
    fc.assert(
      fc.property(ids, ids, (a, more) => {
        expect(firstDivergence(a, [...a, ...more], { ended: false })).toBeNull();
      }),
    );
  });

  it('never moves once a run that goes on has shown it', () => {
    fc.assert(
      fc.property(ids, ids, fc.nat(12), (a, b, steps) => {
        const early = firstDivergence(a.slice(0, steps), b.slice(0, steps), { ended: false });
        if (early !== null) expect(firstDivergence(a, b)).toBe(early);
      }),
    );
  });
});
