import { firstDivergence } from '../core/divergence';
import { formatFault, parseFault } from '../core/faultText';
import { wellFormed } from './plainText';
import type {
  Expectation,
  ExpectedDivergence,
  ExpectedLane,
  FinishedRun,
  Repro,
  ReproRun,
  ScoredId,
  View,
} from './repro';
import { plainModel, SHORT_HASH } from './reproModel';
import { CARRIED_IDS, digestOf } from './tokenIds';

/** The token that a lane chose, and its closest rival. */
const TOPS = 2;

/** What came of a run, for others to compare theirs with: all ids, and the two highest logits where lanes 0 and 1 part. */
export function expectationOf(run: FinishedRun, appVersion: string): Expectation {
  return {
    lanes: run.results.map(({ ids, stopped }) => ({
      ids,
      length: ids.length,
      digest: null,
      stopped,
    })),
    divergence: divergenceOf(run),
    executionProvider: run.executionProvider,
    appVersion,
  };
}

/** A run for somebody else to make again: from what it was made, what came of it, and what to look at. */
export function reproOf(
  run: FinishedRun,
  {
    appVersion,
    view,
    pinnedStep,
  }: {
    readonly appVersion: string;
    readonly view: View | null;
    readonly pinnedStep: number | null;
  },
): Repro {
  return { ...settingsOf(run), view, pinnedStep, expectation: expectationOf(run, appVersion) };
}

/** What makes a run, alone. Lone surrogates become U+FFFD, which is what the tokenizer reads anyway. */
export function settingsOf({ model, prompt, lanes, mode, maxNewTokens }: ReproRun): ReproRun {
  return {
    model: plainModel(model),
    prompt: wellFormed(prompt),
    lanes: lanes.map(({ name, fault, guard }) => ({
      name: wellFormed(name),
      // Without parameters that are not there: `{ kind, parameters: {} }` is the same fault as `{ kind }`.
      fault: parseFault(formatFault(fault)) ?? fault,
      guard,
    })),
    mode,
    maxNewTokens,
  };
}

/** The same in the forms that a link carries: short hashes, the first ids of many with a digest. */
export function shortForm(repro: Repro): Repro {
  const settings = settingsOf(repro);
  const { model } = settings;
  const { view, pinnedStep, expectation } = repro;
  return {
    ...settings,
    model: { ...model, sha256: model.sha256.slice(0, SHORT_HASH) },
    view,
    pinnedStep,
    expectation: expectation && {
      ...expectation,
      lanes: expectation.lanes.map(shortLane),
      appVersion: wellFormed(expectation.appVersion),
    },
  };
}

function shortLane(lane: ExpectedLane): ExpectedLane {
  const { ids, digest } = lane;
  if (digest !== null || ids.length <= CARRIED_IDS) return lane;
  return { ...lane, ids: ids.slice(0, CARRIED_IDS), digest: digestOf(ids) };
}

/** Where lanes 0 and 1 part; null if they do not, or if there is one lane. */
export function divergenceOf({ results: [first, second] }: FinishedRun): ExpectedDivergence | null {
  if (!first || !second) return null;
  // What a lane lacks counts if it has ended by itself, and not if the run was stopped between two lanes.
  const { stopped } = second.ids.length < first.ids.length ? second : first;
  const step = firstDivergence(first.ids, second.ids, { ended: stopped !== 'cancelled' });
  return step === null ? null : { step, tops: [topsAt(first, step), topsAt(second, step)] };
}

function topsAt({ steps }: FinishedRun['results'][number], step: number): ScoredId[] {
  const top = steps[step]?.top ?? [];
  return top.slice(0, TOPS).map(({ id, logit }) => ({ id, logit }));
}
