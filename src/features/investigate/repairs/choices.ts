import type { Guard } from '../../../core/guards';
import { REMEASURED } from '../caseFigures';
import type { Memory } from './measureRepairs';
import type { RepairNumber } from './repair';

/** The fifth repair as it was published, or as it held every time. */
export type WayOfFive = 'patch5' | 'refill';

export interface RepairChoices {
  readonly applied: ReadonlySet<RepairNumber>;
  readonly way: WayOfFive;
  readonly memory: Memory;
}

/** Where the engineers stood when all was repaired but the logits. */
export const FIRST_FOUR_APPLIED: RepairChoices = {
  applied: new Set([1, 2, 3, 4]),
  way: 'patch5',
  memory: 'zero',
};

export const MEMORY_NAMES: readonly (readonly [Memory, string])[] = [
  ['zero', 'exact zeros'],
  ['uninitialised', 'leftovers'],
  ['tiny', `all below ${REMEASURED.tiny}`],
];

export function guardOf({ applied, way }: RepairChoices): Guard {
  return applied.has(5) ? way : 'none';
}
