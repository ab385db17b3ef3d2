import { describe, expect, it } from 'vitest';
import { ASSERTIONS, MEASURED, PATTERNS, type PatternName, survivalOf } from './patterns';

const titled = (survival: string) =>
  PATTERNS.filter(({ name }) => survivalOf(name) === survival).map(({ name }) => name);

describe('the checklist', () => {
  it('has what was measured, and nothing else', () => {
    const names = PATTERNS.map(({ name }) => name).toSorted();
    for (const { survived } of Object.values(MEASURED)) {
      expect(names).toEqual(Object.keys(survived).toSorted());
    }
  });

  it('says of each what its words explain', () => {
    expect(titled('lost')).toEqual<PatternName[]>([
      'init_only',
      'own_init_weights',
      'persistent_missing',
    ]);
    expect(titled('sometimes')).toEqual<PatternName[]>(['recompute_if_zero']);
    const { loads, survived } = MEASURED.newer;
    expect(survived.recompute_if_zero).toEqual({ leftovers: 0, zeros: loads, huge: 0 });
  });

  it('loses nothing under 4.57.6', () => {
    const { loads, survived } = MEASURED.older;
    for (const counts of Object.values(survived)) {
      expect(Object.values(counts)).toEqual([loads, loads, loads]);
    }
  });

  it('shows code that fits a screen', () => {
    for (const { code } of [...PATTERNS, ...ASSERTIONS]) {
      const lines = (code ?? '').trimEnd().split('\n');
      expect(lines.length).toBeLessThanOrEqual(30);
      expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(110);
    }
  });
});
