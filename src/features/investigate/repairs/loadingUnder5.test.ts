import { expect, it } from 'vitest';
import { loadingUnder5 } from './loadingUnder5';
import type { RepairNumber } from './repair';

const NUMBERS: readonly RepairNumber[] = [1, 2, 3, 4, 5];
const ALL_SETS = Array.from(
  { length: 2 ** NUMBERS.length },
  (_, bits) => new Set(NUMBERS.filter((number) => (bits >> (number - 1)) & 1)),
);

it.each(ALL_SETS.map((applied) => ({ applied, list: [...applied].join() })))(
  'the first repair that is missing decides: $list',
  ({ applied }) => {
    const missing = NUMBERS.find((number) => !applied.has(number)) ?? 6;
    const stages = ['import', 'construction', 'logits without a head'] as const;
    expect(loadingUnder5(applied).reaches).toBe(stages[missing - 1] ?? 'logits');
  },
);
