import { type Fault, type FaultKind, HEALTHY } from '../core/faults';
import { formatFault } from '../core/faultText';
import { type LaneSpec, MAX_LANES } from '../core/lanes';

/** A lane and what the visitor calls it. */
export interface NamedLane extends LaneSpec {
  /** Empty or missing: the lane is called by its fault. */
  readonly name?: string;
}

/** A lane as it is set, after the healthy first one. */
export interface LaneSetting extends LaneSpec {
  /** Stays with the lane while it is moved, renamed and changed. */
  readonly key: string;
  /** Empty: the lane is called by its fault. */
  readonly name: string;
  /** Stands in front of those that are not, and outlives a preset. */
  readonly pinned: boolean;
  /** What the switch brings back after the lane was set healthy; never 'none' itself. */
  readonly lastFault: Fault;
}

export type LaneSettings = readonly LaneSetting[];

/** Beside the healthy one. */
export const MOST_LANES = MAX_LANES - 1;
export const LONGEST_NAME = 40;

const LOST: Fault = { kind: 'zero' };

/** What a lane that is added shows: the first of these that no lane has yet. */
const ADDED: readonly FaultKind[] = [
  'zero',
  'uninitialised',
  'tiny',
  'scaled',
  'band',
  'bf16',
  'position-stuck',
  'interleaved',
];

export function laneSetting(key: string, { fault, guard, name = '' }: NamedLane): LaneSetting {
  return { key, name, fault, guard, pinned: false, lastFault: lastFaultOf(fault) };
}

export function lastFaultOf(fault: Fault, before: Fault = LOST): Fault {
  return fault.kind === HEALTHY.kind ? before : fault;
}

export const DEFAULT_LANES: LaneSettings = [laneSetting('lane-1', { fault: LOST, guard: 'none' })];

/** Do two lists of lanes ask for the same run? Names and pins do not matter, their order does. */
export function sameRun(a: LaneSettings, b: LaneSettings): boolean {
  return a.length === b.length && a.every((lane, i) => lane.key === b[i]?.key && alike(lane, b[i]));
}

/** The same damage and the same guard. */
export function alike(a: LaneSpec, b: LaneSpec): boolean {
  return a.guard === b.guard && formatFault(a.fault) === formatFault(b.fault);
}

export function withLane(lanes: LaneSettings, spec?: NamedLane): LaneSettings {
  if (lanes.length >= MOST_LANES) return lanes;
  const kind = ADDED.find((candidate) => lanes.every(({ fault }) => fault.kind !== candidate));
  const added = spec ?? { fault: { kind: kind ?? 'uninitialised' }, guard: 'none' };
  return [...lanes, laneSetting(freeKey(lanes), added)];
}

/** The last lane stays: a comparison has two. */
export function withoutLane(lanes: LaneSettings, key: string): LaneSettings {
  return lanes.length > 1 ? lanes.filter((lane) => lane.key !== key) : lanes;
}

/** A lane that was taken out, in its place again. */
export function withLaneAgain(lanes: LaneSettings, lane: LaneSetting, index: number): LaneSettings {
  const taken = lanes.some(({ key }) => key === lane.key);
  const again = taken ? { ...lane, key: freeKey(lanes) } : lane;
  return pinnedFirst(lanes.toSpliced(index, 0, again));
}

/** One place up (−1) or down (1), among those that are pinned like it. */
export function withLaneMoved(lanes: LaneSettings, key: string, by: -1 | 1): LaneSettings {
  const index = lanes.findIndex((lane) => lane.key === key);
  const lane = lanes[index];
  if (lane === undefined || !canMove(lanes, index, by)) return lanes;
  return lanes.toSpliced(index, 1).toSpliced(index + by, 0, lane);
}

export function canMove(lanes: LaneSettings, index: number, by: -1 | 1): boolean {
  return lanes[index]?.pinned === lanes[index + by]?.pinned && index + by >= 0;
}

export function withLaneChanged(
  lanes: LaneSettings,
  key: string,
  change: Partial<Omit<LaneSetting, 'key'>>,
): LaneSettings {
  const changed = lanes.map((lane) => (lane.key === key ? { ...lane, ...change } : lane));
  return pinnedFirst(changed);
}

/** The lanes of a preset, behind those that are pinned and unless one of these is the same. */
export function withPreset(lanes: LaneSettings, preset: readonly NamedLane[]): LaneSettings {
  const kept = lanes.filter(({ pinned }) => pinned);
  return preset.reduce<LaneSettings>(
    (all, lane) => (kept.some((other) => alike(other, lane)) ? all : withLane(all, lane)),
    kept,
  );
}

export function pinnedFirst(lanes: LaneSettings): LaneSettings {
  return [...lanes.filter(({ pinned }) => pinned), ...lanes.filter(({ pinned }) => !pinned)];
}

function freeKey(lanes: LaneSettings): string {
  let number = 1;
  while (lanes.some(({ key }) => key === `lane-${number}`)) number++;
  return `lane-${number}`;
}
