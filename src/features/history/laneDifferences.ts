import type { FinishedRun, ScoredId } from '../../repro/repro';
import { packingOf, sameWeights } from '../../repro/reproModel';
import { laneIdentity, partingOf } from '../../state/historyEntry';

/** What a lane chose at one step. */
export interface Choice {
  readonly id: number;
  readonly token: string;
  /** How far its logit is ahead of the next; null if no other is known. */
  readonly margin: number | null;
}

/** How one lane of the present run compares with its counterpart in the pinned one. */
export interface LaneDifference {
  /** Index in the present run, and in the pinned one; null: that run has no such lane. */
  readonly present: number | null;
  readonly pinned: number | null;
  /** Index of the first generated token that differs, by id; null if none does. */
  readonly step: number | null;
  /** How many tokens both have, from the first on, and alike. */
  readonly alike: number;
  /** At that step; null for a lane that had ended, or where nothing differs. */
  readonly choices: { readonly present: Choice | null; readonly pinned: Choice | null };
}

/** Lane by lane, in the order of the present run; then the pinned run’s lanes that it does not have. */
export function laneDifferences(present: FinishedRun, pinned: FinishedRun): LaneDifference[] {
  const counterparts = matchLanes(present, pinned);
  const ofPresent = present.lanes.map((_, lane) =>
    differenceOf(present, lane, pinned, counterparts[lane] ?? null),
  );
  const missing = pinned.lanes.flatMap((_, lane) =>
    counterparts.includes(lane) ? [] : [differenceOf(present, null, pinned, lane)],
  );
  return [...ofPresent, ...missing];
}

/** What else differs between the two runs, in words; empty if nothing does. */
export function otherDifferences(present: FinishedRun, pinned: FinishedRun): string[] {
  const differences: readonly (readonly [boolean, string])[] = [
    [!sameWeights(present.model, pinned.model), 'model'],
    [packingOf(present.model) !== packingOf(pinned.model), 'packing'],
    [present.prompt !== pinned.prompt, 'prompt'],
    [present.mode !== pinned.mode, 'mode'],
    [present.maxNewTokens !== pinned.maxNewTokens, 'number of new tokens'],
    [present.executionProvider !== pinned.executionProvider, 'execution provider'],
  ];
  return differences.filter(([differs]) => differs).map(([, name]) => name);
}

/** For each lane of the first run one of the second: with the same fault and guard, or else the next that is left. */
function matchLanes(a: FinishedRun, b: FinishedRun): (number | null)[] {
  const identities = b.lanes.map(laneIdentity);
  const free = new Set(identities.keys());
  const take = (index: number | undefined): number | null => {
    if (index === undefined) return null;
    free.delete(index);
    return index;
  };
  const same = a.lanes.map((lane) => {
    const identity = laneIdentity(lane);
    return take([...free].find((index) => identities[index] === identity));
  });
  return same.map((index) => index ?? take([...free][0]));
}

function differenceOf(
  present: FinishedRun,
  lane: number | null,
  pinned: FinishedRun,
  counterpart: number | null,
): LaneDifference {
  const of = (run: FinishedRun, index: number | null) =>
    index === null ? undefined : run.results[index];
  const [own, other] = [of(present, lane), of(pinned, counterpart)];
  const step = partingOf(own, other);
  return {
    present: lane,
    pinned: counterpart,
    step,
    alike: step ?? Math.min(own?.ids.length ?? 0, other?.ids.length ?? 0),
    choices: { present: choiceAt(own, step), pinned: choiceAt(other, step) },
  };
}

function choiceAt(
  result: FinishedRun['results'][number] | undefined,
  step: number | null,
): Choice | null {
  const id = step === null ? undefined : result?.ids[step];
  if (step === null || id === undefined) return null;
  const [first, second] = result?.steps[step]?.top ?? [];
  return { id, token: first?.token ?? '', margin: marginOf(first, second) };
}

function marginOf(first?: ScoredId, second?: ScoredId): number | null {
  return first && second ? first.logit - second.logit : null;
}
