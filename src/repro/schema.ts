import * as v from 'valibot';
import { Failure } from '../core/errors';
import { type FaultKind, FAULTS } from '../core/faults';
import { isFault } from '../core/faultText';
import { type Guard, GUARDS } from '../core/guards';
import { MAX_LANES } from '../core/lanes';
import { isCommit, isHubAddress, isRepositoryId, LONGEST_HUB } from './hub';
import { visible } from './plainText';
import { type Repro, VIEWS } from './repro';
import { CARRIED_IDS } from './tokenIds';

/** Characters (UTF-16 units) of a prompt that fits in a link. A bundle takes what the engine takes. */
export const LONGEST_PROMPT = 20_000;
export const LONGEST_LANE_NAME = 40;
export const LONGEST_MODEL_ID = 200;
export const LONGEST_VERSION = 40;
export const MOST_NEW_TOKENS = 4096;

const integer = (least: number, most: number) =>
  v.pipe(v.number(), v.integer(), v.minValue(least), v.maxValue(most));

export const tokenId = integer(0, 0xffffffff);
export const logit = v.pipe(
  v.number(),
  v.check((value) => Number.isFinite(Math.fround(value)), 'it is not a finite float32'),
);
export const modelId = v.pipe(v.string(), v.minLength(1), v.maxLength(LONGEST_MODEL_ID));
export const laneName = v.pipe(v.string(), v.maxLength(LONGEST_LANE_NAME));
export const appVersion = v.pipe(v.string(), v.maxLength(LONGEST_VERSION));
export const executionProvider = v.picklist(['wasm', 'webgpu']);
export const stopReason = v.picklist(['eos', 'length', 'cancelled', 'non-finite']);
export const runMode = v.picklist(['free', 'teacher-forced']);
export const guard = v.picklist(Object.keys(GUARDS) as Guard[]);
export const newTokens = integer(1, MOST_NEW_TOKENS);
export const view = v.nullable(v.picklist(VIEWS));
export const step = integer(0, MOST_NEW_TOKENS - 1);
export const pinnedStep = v.nullable(step);

/** More than any model has. */
const MOST_MODEL_BYTES = 2 ** 43;

/** A model whose hash has the digits of this pattern. A hub and a commit go together, and then its name is a repository. */
export const modelWith = (sha256: RegExp) =>
  v.pipe(
    v.object({
      id: modelId,
      sha256: v.pipe(v.string(), v.regex(sha256)),
      hub: v.exactOptional(v.pipe(v.string(), v.maxLength(LONGEST_HUB), v.check(isHubAddress))),
      commit: v.exactOptional(v.pipe(v.string(), v.check(isCommit))),
      packing: v.exactOptional(v.picklist(['float16', 'int4'])),
      bytes: v.exactOptional(integer(1, MOST_MODEL_BYTES)),
    }),
    v.check(
      ({ id, hub, commit }) =>
        hub === undefined ? commit === undefined : commit !== undefined && isRepositoryId(id),
      'its hub, its commit and its name do not go together',
    ),
  );

const promptText = v.pipe(v.string(), v.maxLength(LONGEST_PROMPT));

const Lane = v.object({
  name: laneName,
  fault: v.pipe(
    v.object({
      kind: v.picklist(Object.keys(FAULTS) as FaultKind[]),
      parameters: v.exactOptional(v.record(v.string(), v.number())),
    }),
    v.check(isFault, 'a parameter is unknown or outside its bounds'),
  ),
  guard,
});

const ExpectedLane = v.pipe(
  v.object({
    ids: v.pipe(v.array(tokenId), v.maxLength(MOST_NEW_TOKENS)),
    length: integer(0, MOST_NEW_TOKENS),
    digest: v.nullable(v.pipe(v.string(), v.regex(/^[0-9a-f]{16}$/))),
    stopped: stopReason,
  }),
  v.check(
    ({ ids, length, digest }) =>
      digest === null ? ids.length === length : ids.length === CARRIED_IDS && length > CARRIED_IDS,
    'its ids are neither all, nor the first with a digest of all',
  ),
);

const Tops = v.pipe(v.array(v.object({ id: tokenId, logit })), v.maxLength(2));

const Expectation = v.object({
  lanes: v.pipe(v.array(ExpectedLane), v.maxLength(MAX_LANES)),
  divergence: v.nullable(v.object({ step, tops: v.tuple([Tops, Tops]) })),
  executionProvider,
  appVersion,
});

/**
 * What holds for every link, read or to be written. Not whether an expectation is true, nor whether its parts agree: it is
 * a claim, and running it is how it is checked.
 */
const ReproSchema = v.pipe(
  v.object({
    model: modelWith(/^([0-9a-f]{16}|[0-9a-f]{64})$/),
    prompt: promptText,
    lanes: v.pipe(v.array(Lane), v.minLength(1), v.maxLength(MAX_LANES)),
    mode: runMode,
    maxNewTokens: newTokens,
    view,
    pinnedStep,
    expectation: v.nullable(Expectation),
  }),
  v.check(({ prompt }) => prompt.trim() !== '', 'the prompt is empty'),
  v.check(
    ({ lanes: [first] }) => first?.fault.kind === 'none' && first.guard === 'none',
    'the first lane is not healthy',
  ),
  v.check(
    ({ lanes, expectation }) => !expectation || expectation.lanes.length === lanes.length,
    'it expects another number of lanes than it runs',
  ),
  v.check(
    ({ maxNewTokens, expectation }) =>
      !expectation?.lanes.some(({ length }) => length > maxNewTokens),
    'it expects more tokens than it runs',
  ),
  v.check(
    ({ lanes, maxNewTokens, expectation }) =>
      !expectation?.divergence || (lanes.length > 1 && expectation.divergence.step < maxNewTokens),
    'it expects lanes to part where there are none',
  ),
);

/**
 * Checks every bound of what a link says, or is to say.
 * @throws Failure link-invalid
 */
export function checkRepro(candidate: Repro): Repro {
  const parsed = v.safeParse(ReproSchema, candidate);
  if (parsed.success) return parsed.output;
  throw new Failure('link-invalid', `The link is not valid: ${describeIssue(parsed.issues[0])}.`);
}

/** What is wrong, and where, in one line whatever the data say. */
export function describeIssue(issue: v.BaseIssue<unknown>): string {
  const path = v.getDotPath(issue);
  return visible(`${path === null ? '' : `${path}: `}${issue.message}`.slice(0, 200));
}
