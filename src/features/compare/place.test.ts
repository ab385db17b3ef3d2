import { describe, expect, it } from 'vitest';
import { placeAfterKey } from './place';

const LENGTHS = [3, 5];

describe('arrow keys in the token strips', () => {
  it.each([
    ['ArrowRight', { lane: 0, step: 1 }, { lane: 0, step: 2 }],
    ['ArrowRight', { lane: 0, step: 2 }, { lane: 0, step: 2 }],
    ['ArrowLeft', { lane: 1, step: 0 }, { lane: 1, step: 0 }],
    ['ArrowDown', { lane: 0, step: 1 }, { lane: 1, step: 1 }],
    ['ArrowUp', { lane: 1, step: 4 }, { lane: 0, step: 2 }],
    ['Home', { lane: 1, step: 3 }, { lane: 1, step: 0 }],
    ['End', { lane: 1, step: 3 }, { lane: 1, step: 4 }],
  ])('%s', (key, from, to) => {
    expect(placeAfterKey(key, from, LENGTHS)).toEqual(to);
  });

  it('pass over lanes without a token', () => {
    expect(placeAfterKey('ArrowDown', { lane: 0, step: 1 }, [3, 0, 0, 5])).toEqual({
      lane: 3,
      step: 1,
    });
    expect(placeAfterKey('ArrowUp', { lane: 3, step: 1 }, [3, 0, 0, 5])).toEqual({
      lane: 0,
      step: 1,
    });
  });

  it('leave the strips to Tab, and do not leave the lanes', () => {
    expect(placeAfterKey('Tab', { lane: 0, step: 0 }, LENGTHS)).toBeNull();
    expect(placeAfterKey('ArrowUp', { lane: 0, step: 0 }, LENGTHS)).toBeNull();
    expect(placeAfterKey('ArrowDown', { lane: 1, step: 0 }, LENGTHS)).toBeNull();
    expect(placeAfterKey('ArrowDown', { lane: 0, step: 0 }, [3, 0])).toBeNull();
  });
});
