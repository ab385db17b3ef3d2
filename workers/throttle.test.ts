import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { throttle } from './throttle';

describe('throttle', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['performance'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  /** Pushes 0, 1, 2, … after these waits; what came out when, before and after the flush. */
  function pushed(waits: readonly number[], interval: number) {
    const emitted: { value: number; at: number }[] = [];
    const passing = throttle((value: number) => {
      emitted.push({ value, at: performance.now() });
    }, interval);
    waits.forEach((wait, value) => {
      vi.advanceTimersByTime(wait);
      passing.push(value);
    });
    const before = [...emitted];
    passing.flush();
    return { before, emitted, passing };
  }

  const waits = fc.array(fc.nat(150), { minLength: 1, maxLength: 60 });

  it('passes the first at once and, after a flush, always the last', () => {
    fc.assert(
      fc.property(waits, fc.integer({ min: 1, max: 200 }), (given, interval) => {
        const { before, emitted } = pushed(given, interval);
        expect(before[0]?.value).toBe(0);
        expect(emitted.at(-1)?.value).toBe(given.length - 1);
      }),
    );
  });

  it('keeps the order, passes nothing twice, and keeps the interval', () => {
    fc.assert(
      fc.property(waits, fc.integer({ min: 1, max: 200 }), (given, interval) => {
        const { before, emitted, passing } = pushed(given, interval);
        for (let i = 1; i < emitted.length; i++) {
          expect(emitted[i]?.value).toBeGreaterThan(emitted[i - 1]?.value ?? Number.NaN);
        }
        for (let i = 1; i < before.length; i++) {
          const pause = (before[i]?.at ?? 0) - (before[i - 1]?.at ?? 0);
          expect(pause).toBeGreaterThanOrEqual(interval);
        }
        const count = emitted.length;
        passing.flush();
        expect(emitted).toHaveLength(count);
      }),
    );
  });

  it('flushed before anything was pushed passes nothing', () => {
    const emitted: number[] = [];
    throttle((value: number) => emitted.push(value), 10).flush();
    expect(emitted).toEqual([]);
  });
});
