import type { LaneStep } from '../../protocol/engineApi';
import { type DecodedRun, divergenceOf, type LaneRecord, nonFiniteStep } from '../../state/run';
import { isForced, quoted, standing, standingOf } from '../../state/standing';
import { laneName, laneOrdinal } from '../../ui/lane';
import { fourDecimals } from '../../ui/numbers';

/** How far the token chosen is ahead of the next; null if no other is known. */
export function marginOf({ top }: LaneStep): number | null {
  const [first, second] = top;
  return first && second ? first.logit - second.logit : null;
}

export interface VerdictText {
  readonly headline: string;
  readonly detail?: string;
  /** A line for each of these lanes: what each chose where two part, or how each of several compares. */
  readonly lines?: readonly { readonly lane: number; readonly text: string }[];
  /** What the lanes show together. */
  readonly lesson?: string;
}

/** What a finished run shows, in words: every lane against the first. */
export function verdictOf(record: DecodedRun): VerdictText {
  const words = record.lanes.length > 2 ? ofSeveral(record) : ofTwo(record);
  const lesson = patchLesson(record);
  return lesson === null ? words : { ...words, lesson };
}

function ofTwo(record: DecodedRun): VerdictText {
  const [reference, other] = record.lanes;
  if (reference === undefined || other === undefined) return { headline: '' };
  if (nonFiniteStep(other) !== null) {
    return {
      headline: `The ${laneOrdinal(1).toLowerCase()}’s logits are not numbers.`,
      lines: [{ lane: 1, text: `${laneName(other.spec, 1)}: ${standing(record, other, 1)}` }],
      detail: 'It ended there, alone: the healthy lane shares its weights and its batch.',
    };
  }
  const step = divergenceOf(record, 1);
  if (step !== null) {
    return {
      headline: isForced(record)
        ? `The lanes’ choices part at generated token ${step + 1}.`
        : `The lanes part at generated token ${step + 1}.`,
      lines: [
        { lane: 0, text: choice(reference, 0, step) },
        { lane: 1, text: choice(other, 1, step) },
      ],
    };
  }
  const tokens = Math.min(reference.steps.length, other.steps.length);
  return {
    headline:
      tokens === 1
        ? 'The lanes agree on the one token.'
        : `The lanes agree on all ${tokens} tokens.`,
    detail: agreement(other),
  };
}

function ofSeveral(record: DecodedRun): VerdictText {
  const others = record.lanes.slice(1);
  const parted = others.filter((_, i) => divergenceOf(record, i + 1) !== null).length;
  const all = others.length === 2 ? 'Both' : `All ${others.length}`;
  const headline =
    parted === 0
      ? `${all} lanes agree with the healthy one.`
      : `${parted === others.length ? all : `${parted} of ${others.length}`} lanes part from the healthy one.`;
  const lines = others.map(({ spec }, i) => ({
    lane: i + 1,
    text: `${laneName(spec, i + 1)}: ${standingOf(record, i + 1)}`,
  }));
  return { headline, lines };
}

function choice({ spec, steps }: LaneRecord, lane: number, step: number): string {
  const name = laneName(spec, lane);
  const chosen = steps[step];
  if (chosen === undefined) return `${name}: no token, it had ended`;
  const [first] = chosen.top;
  const margin = marginOf(chosen);
  return [
    `${name}: ${quoted(chosen)}`,
    first && `logit ${fourDecimals(first.logit)}`,
    margin !== null && `${fourDecimals(margin)} ahead of the next`,
  ]
    .filter((part) => typeof part === 'string')
    .join(', ');
}

function agreement({ spec, rotation }: LaneRecord): string {
  if (rotation?.guardFired === true) {
    return 'The guard fired and recomputed inv_freq, so both lanes rotate alike.';
  }
  return spec.fault.kind === 'none'
    ? 'Nothing was lost: both lanes have the same inv_freq.'
    : 'The first choice is the same at every step, yet the logits are not: point at a token.';
}

/** What patch 5 did where there was something to mend; null if it was not there, or did all that was asked of it. */
function patchLesson({ lanes }: DecodedRun): string | null {
  const rotations = lanes.flatMap(({ spec, rotation }) =>
    spec.guard === 'patch5' && rotation !== null ? [rotation] : [],
  );
  const fired = rotations.filter(({ guardFired }) => guardFired).length;
  const missed = rotations.filter((r) => !r.guardFired && !r.tablesIdentical).length;
  if (missed === 0) return null;
  const reason = 'it asks whether every entry of inv_freq is zero, and leftovers of memory are not';
  return fired === 0
    ? `Patch 5 stayed silent: ${reason}.`
    : `Patch 5 mends exact zeros and misses the rest: ${reason}.`;
}
