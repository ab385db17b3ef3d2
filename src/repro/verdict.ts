import { FAULTS } from '../core/faults';
import type { ExecutionProvider, StopReason } from '../protocol/engineApi';
import { visible } from './plainText';
import type { ExpectedLane, FinishedRun, Repro } from './repro';
import { type ModelIdentity, packingText, sameModel, SHORT_HASH } from './reproModel';
import { digestOf } from './tokenIds';

/**
 * Logits closer than this may come out in either order although the weights are the same: execution providers, and versions
 * of one, add the same products in another order and round otherwise.
 */
export const NEAR_TIE = 1e-2;

/** What tells models apart, and a name for people. */
export type NamedModel = ModelIdentity & Pick<Repro['model'], 'id'>;
type Result = FinishedRun['results'][number];

/** The first token, over all lanes, that is not as expected. */
export interface Parted {
  readonly kind: 'parted';
  /** Index of the lane; of several that part at one step, the first. */
  readonly lane: number;
  /** Index of the generated token; every lane was as expected up to here. */
  readonly step: number;
  /** Ids. Null: the lane had ended. Both null: it ended there in both, for another reason; or see `beyond`. */
  readonly expected: number | null;
  readonly found: number | null;
  /** It parts somewhere from `step` on: after the ids that the link carries, a digest only says that they differ. */
  readonly beyond: boolean;
  /** What the lane chose here less its second choice; null if there is no such step, or it is not known which. */
  readonly margin: number | null;
  /** The token expected was within `NEAR_TIE` of the one chosen: rounding, rather than another model or another fault. */
  readonly nearTie: boolean;
  readonly executionProvider: {
    readonly expected: ExecutionProvider;
    readonly found: ExecutionProvider;
  };
}

/** What came of running somebody else's run. */
export type Verdict =
  /** The same ids in every lane; of a lane that was stopped where the link was made, as far as it went. */
  | { readonly kind: 'reproduced' }
  | Parted
  /** As expected as far as it ran, but it was stopped before its end: so many tokens of every lane. */
  | { readonly kind: 'unfinished'; readonly steps: number }
  | { readonly kind: 'different-model'; readonly expected: NamedModel; readonly found: NamedModel }
  /** The link says what to run, and not what comes of it. */
  | { readonly kind: 'no-expectation' };

/** Compares a run with what a link says of it. The run must be made from the link's settings. */
export function verdictOf(expected: Repro, found: FinishedRun): Verdict {
  const { expectation } = expected;
  const other = differentModel(expected.model, found.model);
  if (other) return other;
  if (!expectation) return { kind: 'no-expectation' };
  const differences = expectation.lanes.map((lane, index) => ({
    index,
    ...compare(lane, found.results[index]),
  }));
  const [first] = differences
    .filter((difference) => difference.kind === 'parted')
    .sort((a, b) => a.step - b.step || a.index - b.index);
  if (first) {
    const { index: lane, step, expected: id, found: chosen, beyond } = first;
    const top = beyond ? [] : (found.results[lane]?.steps[step]?.top ?? []);
    const logits = top.map(({ logit }) => logit);
    const rival = top.find((candidate) => candidate.id === id);
    const ahead = (of: number | undefined) =>
      logits[0] === undefined || of === undefined ? null : logits[0] - of;
    const behind = ahead(rival?.logit);
    return {
      kind: 'parted',
      lane,
      step,
      expected: id,
      found: chosen,
      beyond,
      margin: ahead(logits[1]),
      nearTie: behind !== null && behind < NEAR_TIE,
      executionProvider: {
        expected: expectation.executionProvider,
        found: found.executionProvider,
      },
    };
  }
  const cutOff = differences.filter(({ kind }) => kind === 'unfinished');
  if (cutOff.length === 0) return { kind: 'reproduced' };
  return { kind: 'unfinished', steps: Math.min(...cutOff.map(({ step }) => step)) };
}

/** The verdict before anything is run; null if the weights are the same, and held alike. */
export function differentModel(
  expected: NamedModel,
  found: NamedModel,
): Extract<Verdict, { kind: 'different-model' }> | null {
  if (sameModel(expected, found)) return null;
  return { kind: 'different-model', expected: named(expected), found: named(found) };
}

/** Alone, whatever else is known of it. */
function named({ id, sha256, packing = 'keep' }: NamedModel): NamedModel {
  return { id, sha256, ...(packing !== 'keep' && { packing }) };
}

interface Difference {
  readonly kind: 'none' | 'parted' | 'unfinished';
  readonly step: number;
  readonly expected: number | null;
  readonly found: number | null;
  readonly beyond: boolean;
}

function compare(expected: ExpectedLane, found: Result | undefined): Difference {
  const ids = found?.ids ?? [];
  const at = (kind: Difference['kind'], step: number, beyond = false): Difference => ({
    kind,
    step,
    expected: beyond ? null : (expected.ids[step] ?? null),
    found: ids[step] ?? null,
    beyond,
  });
  const { length, digest } = expected;
  const differs = expected.ids.findIndex((id, step) => step < ids.length && id !== ids[step]);
  if (differs >= 0) return at('parted', differs);
  if (ids.length < length && found?.stopped === 'cancelled') return at('unfinished', ids.length);
  if (ids.length < expected.ids.length) return at('parted', ids.length);
  if (digest !== null && digestOf(ids.slice(0, length)) !== digest) {
    return at('parted', expected.ids.length, true);
  }
  if (expected.stopped === 'cancelled' || endedAlike(expected.stopped, length, found)) {
    return at('none', length);
  }
  return at(
    found?.stopped === 'cancelled' && ids.length === length ? 'unfinished' : 'parted',
    length,
  );
}

function endedAlike(stopped: StopReason, length: number, found: Result | undefined): boolean {
  return found?.ids.length === length && found.stopped === stopped;
}

/** The verdict in a word or two, as a heading. */
export function verdictTitle(verdict: Verdict): string {
  switch (verdict.kind) {
    case 'reproduced':
      return 'Reproduced';
    case 'parted':
      return verdict.step === 0 ? 'Not reproduced' : `Reproduced up to step ${verdict.step}`;
    case 'unfinished':
      return 'Stopped';
    case 'different-model':
      return 'Different model';
    case 'no-expectation':
      return 'Nothing to compare with';
  }
}

/**
 * The verdict as one sentence. Steps count from 1.
 * @param run the run that was found, which names its lanes and tokens; null if it was not run
 */
export function describeVerdict(verdict: Verdict, run: FinishedRun | null = null): string {
  return `${verdictTitle(verdict)}: ${explain(verdict, run)}.`;
}

function explain(verdict: Verdict, run: FinishedRun | null): string {
  switch (verdict.kind) {
    case 'reproduced':
      return run?.lanes.length === 1 ? 'the same tokens' : 'the same tokens in every lane';
    case 'parted':
      return `${explainParting(verdict, run)}${explainTie(verdict)}`;
    case 'unfinished':
      return `as expected up to step ${verdict.steps}, where it was stopped`;
    case 'different-model':
      return `expected ${modelName(verdict.expected)}; found ${modelName(verdict.found)}`;
    case 'no-expectation':
      return 'the link says what to run, and not what comes of it';
  }
}

function explainParting(parted: Parted, run: FinishedRun | null): string {
  const { lane, step, expected, found, beyond, margin } = parted;
  const name = laneName(run, lane);
  const token = (id: number) => tokenName(run, id);
  if (beyond) {
    return `after token ${step}, ${name} differs somewhere from the digest of the tokens expected`;
  }
  const at = `at token ${step + 1}, ${name}`;
  if (found === null) {
    return expected === null
      ? `${name} ended after token ${step} for another reason than expected`
      : `${at} had ended where ${token(expected)} was expected`;
  }
  const ahead = margin === null ? '' : `, ${margin.toPrecision(2)} ahead of its second choice`;
  const instead = expected === null ? 'its end' : token(expected);
  return `${at} chose ${token(found)} where ${instead} was expected${ahead}`;
}

function explainTie({ nearTie, executionProvider: { expected, found } }: Parted): string {
  if (!nearTie) return '';
  const providers = expected === found ? `both on ${found}` : `${expected} there, ${found} here`;
  return `, which is a near-tie (${providers})`;
}

function laneName(run: FinishedRun | null, index: number): string {
  const lane = run?.lanes[index];
  if (!lane) return `lane ${index + 1}`;
  return `lane ${index + 1} (${visible(lane.name.trim()) || FAULTS[lane.fault.kind].label})`;
}

/** Its text, if it was among the highest logits anywhere in the run. */
function tokenName(run: FinishedRun | null, id: number): string {
  const tops = run?.results.flatMap(({ steps }) => steps.flatMap(({ top }) => top));
  const seen = tops?.find((top) => top.id === id);
  return seen ? `“${visible(seen.token)}”` : `token id ${id}`;
}

/** How the weights are held is said where that is not as they are stored. */
function modelName(model: NamedModel): string {
  const { id, sha256, packing = 'keep' } = model;
  const held = packing === 'keep' ? '' : `, ${packingText(model)}`;
  return `${visible(id)} with sha256 ${sha256.slice(0, SHORT_HASH)}${held}`;
}
