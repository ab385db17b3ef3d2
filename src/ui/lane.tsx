import { type Fault, FAULTS, valueOf } from '../core/faults';
import type { Guard } from '../core/guards';
import type { LaneSpec } from '../core/lanes';
import { laneShape } from './laneShape';

/** The colour of a lane, as a CSS value. */
export function laneColour(lane: number): string {
  return `var(--lane-${lane}, var(--ink))`;
}

export function LaneMark({ lane }: { readonly lane: number }) {
  return (
    <span aria-hidden="true" style={{ color: laneColour(lane) }}>
      {laneShape(lane).sign}
    </span>
  );
}

const ORDINALS = [
  'First',
  'Second',
  'Third',
  'Fourth',
  'Fifth',
  'Sixth',
  'Seventh',
  'Eighth',
] as const;

/** "Second lane", for the lane of index 1. */
export function laneOrdinal(lane: number): string {
  return `${ORDINALS[lane] ?? `${lane + 1}th`} lane`;
}

/** What the visitor calls it, or what it is. */
export function laneName(lane: LaneSpec & { readonly name?: string }, index: number): string {
  const own = lane.name?.trim() ?? '';
  return own === '' ? laneDescription(lane, index) : own;
}

/** "inv_freq lost: whatever memory held, seed 7, patch 5": the fault, its parameters, and the guard if there is one. */
export function laneDescription({ fault, guard }: LaneSpec, index: number): string {
  if (index === 0) return FAULTS.none.label;
  if (fault.kind === 'none') return `${laneOrdinal(index)}, no fault`;
  return [FAULTS[fault.kind].label, ...parametersOf(fault), ...GUARD_NAMES[guard]].join(', ');
}

/** Short, behind the name of a fault. */
const GUARD_NAMES: Readonly<Record<Guard, readonly string[]>> = {
  none: [],
  patch5: ['patch 5'],
  refill: ['always recomputed'],
};

const SYMBOLS: Readonly<Record<string, string>> = { alpha: 'α', theta: 'θ' };

/** "α 0.5"; without what goes without saying: the usual seed, and what is 0 when nobody sets it. */
function parametersOf({ kind, parameters }: Fault): string[] {
  return FAULTS[kind].parameters.flatMap((parameter) => {
    const { name, usual } = parameter;
    const value = valueOf(parameter, parameters);
    const unsaid = value === usual && (name === 'seed' || usual === 0);
    return unsaid ? [] : [`${SYMBOLS[name] ?? name} ${value}`];
  });
}
