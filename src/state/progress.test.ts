import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createProgress } from './progress';

const KEY = 'rope-collapse-playground/learn';

function storageWith(text: string | null) {
  const kept = new Map<string, string>(text === null ? [] : [[KEY, text]]);
  return {
    kept,
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  };
}

describe('progress', () => {
  it('is there again at the next visit', () => {
    const storage = storageWith(null);
    const first = createProgress(storage);
    expect(first.getState().seen).toEqual({});
    first.getState().see('early-read', 'raises');
    first.getState().see('every-tensor', null);
    expect(createProgress(storage).getState().seen).toEqual({
      'early-read': { expected: 'raises' },
      'every-tensor': { expected: null },
    });
  });

  it('keeps what was expected before the answer was known', () => {
    const progress = createProgress(storageWith(null));
    progress.getState().see('early-read', 'raises');
    progress.getState().see('early-read', 'zeros');
    progress.getState().see('early-read', null);
    expect(progress.getState().seen['early-read']).toEqual({ expected: 'raises' });
  });

  it('takes a prediction that is made after a step was only shown', () => {
    const progress = createProgress(storageWith(null));
    progress.getState().see('early-read', null);
    progress.getState().see('early-read', 'zeros');
    expect(progress.getState().seen['early-read']).toEqual({ expected: 'zeros' });
  });

  it('starts over, and that is kept too', () => {
    const storage = storageWith(null);
    const progress = createProgress(storage);
    progress.getState().see('early-read', 'raises');
    progress.getState().startOver();
    expect(progress.getState().seen).toEqual({});
    expect(createProgress(storage).getState().seen).toEqual({});
  });

  it('leaves out what it cannot read, and keeps the rest', () => {
    const seen = {
      good: { expected: 'a' },
      shown: { expected: null },
      number: { expected: 3 },
      long: { expected: 'x'.repeat(99) },
      'Bad Slug': { expected: 'a' },
      none: null,
    };
    const progress = createProgress(storageWith(JSON.stringify({ version: 1, seen })));
    expect(progress.getState().seen).toEqual({
      good: { expected: 'a' },
      shown: { expected: null },
    });
  });

  it('begins anew whatever else is stored', () => {
    for (const text of [
      '',
      '{',
      '[]',
      '{"version":2,"seen":{"a":{"expected":null}}}',
      '{"seen":1}',
    ]) {
      expect(createProgress(storageWith(text)).getState().seen, text).toEqual({});
    }
    fc.assert(
      fc.property(fc.json(), (text) => {
        const { seen } = createProgress(storageWith(text)).getState();
        expect(Object.keys(seen)).toEqual([]);
      }),
    );
  });

  it('goes on where nothing can be stored', () => {
    const forbidden = () => {
      throw new DOMException('forbidden', 'SecurityError');
    };
    const progress = createProgress({ getItem: forbidden, setItem: forbidden });
    progress.getState().see('early-read', 'raises');
    expect(progress.getState().seen['early-read']).toEqual({ expected: 'raises' });
  });
});
