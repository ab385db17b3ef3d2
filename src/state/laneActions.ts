import type { Fault } from '../core/faults';
import type { Guard } from '../core/guards';
import {
  alike,
  type LaneSetting,
  type LaneSettings,
  lastFaultOf,
  LONGEST_NAME,
  MOST_LANES,
  type NamedLane,
  sameRun,
  withLane,
  withLaneAgain,
  withLaneChanged,
  withLaneMoved,
  withoutLane,
  withPreset,
} from './lanes';

/** What can be taken back: the removal of a lane, or a preset in the place of other lanes. */
export type Undo =
  | { readonly of: 'removal'; readonly lane: LaneSetting; readonly index: number }
  | { readonly of: 'preset'; readonly lanes: LaneSettings };

/**
 * What a visitor can do to the lanes. They are data and cost no reload: what changes them runs the prompt on screen
 * again, if there is one.
 */
export interface LaneActions {
  /** This lane, or one of a kind that is not there yet. Nothing if there are eight. */
  readonly addLane: (lane?: NamedLane) => void;
  /** `undo` puts it back in its place. The last one stays. */
  readonly removeLane: (key: string) => void;
  /** One place up or down, among the pinned lanes or among the others. */
  readonly moveLane: (key: string, by: -1 | 1) => void;
  /** The first 40 characters count. Runs nothing: the lane on screen takes the name, if it is still the same lane. */
  readonly renameLane: (key: string, name: string) => void;
  readonly pinLane: (key: string, pinned: boolean) => void;
  /** Of a parameter that is dragged, the last value runs: once it stands still. */
  readonly setLaneFault: (key: string, fault: Fault) => void;
  readonly setLaneGuard: (key: string, guard: Guard) => void;
  /** These lanes in the place of those that are not pinned. */
  readonly applyPreset: (lanes: readonly NamedLane[]) => void;
  readonly undo: () => void;
}

interface LaneWorld {
  readonly lanes: () => LaneSettings;
  readonly undoable: () => Undo | null;
  readonly set: (lanes: LaneSettings, undoable: Undo | null) => void;
  /** Tells the run on screen a lane's new name. */
  readonly tellName: (named: LaneSetting) => void;
  readonly rerun: () => void;
  /** The same, once nothing has changed for a moment. */
  readonly rerunWhenStill: () => void;
}

export function laneActions(world: LaneWorld): LaneActions {
  /** @returns whether that makes another run */
  const change = (after: LaneSettings, undoable = stillUndoable()): boolean => {
    const before = world.lanes();
    world.set(after, undoable);
    return !sameRun(after, before);
  };
  /** A lane that was removed can come back among others; a preset is taken back only as long as it stands. */
  const stillUndoable = () => (world.undoable()?.of === 'preset' ? null : world.undoable());
  const laneOf = (key: string) => world.lanes().find((lane) => lane.key === key);

  return {
    addLane: (lane) => {
      if (change(withLane(world.lanes(), lane))) world.rerun();
    },
    removeLane: (key) => {
      const before = world.lanes();
      const lane = laneOf(key);
      if (lane === undefined || before.length === 1) return;
      change(withoutLane(before, key), { of: 'removal', lane, index: before.indexOf(lane) });
      world.rerun();
    },
    moveLane: (key, by) => {
      if (change(withLaneMoved(world.lanes(), key, by))) world.rerun();
    },
    renameLane: (key, text) => {
      change(withLaneChanged(world.lanes(), key, { name: text.slice(0, LONGEST_NAME) }));
      const named = laneOf(key);
      if (named !== undefined) world.tellName(named);
    },
    pinLane: (key, pinned) => {
      if (change(withLaneChanged(world.lanes(), key, { pinned }))) world.rerun();
    },
    setLaneFault: (key, fault) => {
      const before = laneOf(key);
      if (before === undefined || alike(before, { ...before, fault })) return;
      const lastFault = lastFaultOf(fault, before.lastFault);
      change(withLaneChanged(world.lanes(), key, { fault, lastFault }));
      if (fault.kind === before.fault.kind) world.rerunWhenStill();
      else world.rerun();
    },
    setLaneGuard: (key, guard) => {
      if (change(withLaneChanged(world.lanes(), key, { guard }))) world.rerun();
    },
    applyPreset: (preset) => {
      const before = world.lanes();
      const after = withPreset(before, preset);
      const stands =
        after.length === before.length && after.every((l, i) => alike(l, before[i] ?? l));
      if (stands || after.length === 0) return;
      change(after, { of: 'preset', lanes: before });
      world.rerun();
    },
    undo: () => {
      const undoable = world.undoable();
      if (undoable === null) return;
      if (undoable.of === 'removal' && world.lanes().length >= MOST_LANES) return;
      const after =
        undoable.of === 'preset'
          ? undoable.lanes
          : withLaneAgain(world.lanes(), undoable.lane, undoable.index);
      change(after, null);
      world.rerun();
    },
  };
}
