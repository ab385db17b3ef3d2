import * as v from 'valibot';
import { parseFault } from '../core/faultText';
import { MAX_LANES } from '../core/lanes';
import {
  appVersion,
  executionProvider,
  guard,
  laneName,
  logit,
  modelWith,
  MOST_NEW_TOKENS,
  newTokens,
  pinnedStep,
  runMode,
  step,
  stopReason,
  tokenId,
  view,
} from './schema';

export const FORMAT = 'rope-collapse-playground/run';
export const VERSION = 1;

/** What the engine takes. */
const LONGEST_PROMPT = 100_000;
const MOST_TOPS = 100;
const LONGEST_TOKEN = 1024;
const LONGEST_TEXT = 1_000_000;
const LONGEST_FAULT = 200;
/** Of a Date. */
const LAST_MILLISECOND = 8.64e15;

const Step = v.object({
  top: v.pipe(
    v.array(
      v.object({ id: tokenId, token: v.pipe(v.string(), v.maxLength(LONGEST_TOKEN)), logit }),
    ),
    v.minLength(1),
    v.maxLength(MOST_TOPS),
  ),
});

const Lane = v.pipe(
  v.object({
    name: laneName,
    fault: v.pipe(
      v.string(),
      v.maxLength(LONGEST_FAULT),
      v.check((text) => parseFault(text) !== undefined, 'there is no such fault'),
    ),
    guard,
    ids: v.pipe(v.array(tokenId), v.maxLength(MOST_NEW_TOKENS)),
    text: v.pipe(v.string(), v.maxLength(LONGEST_TEXT)),
    stopped: stopReason,
    steps: v.pipe(v.array(Step), v.maxLength(MOST_NEW_TOKENS)),
  }),
  v.check(
    ({ ids, steps }) =>
      ids.length === steps.length && ids.every((id, index) => steps[index]?.top[0]?.id === id),
    'its ids are not those with the highest logits',
  ),
);

/** One run, with all bounds. docs/bundle.md has a row for each field. */
export const BundleSchema = v.pipe(
  v.object({
    format: v.literal(FORMAT),
    version: v.literal(VERSION),
    createdAt: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(LAST_MILLISECOND)),
    appVersion,
    executionProvider,
    model: modelWith(/^[0-9a-f]{64}$/),
    prompt: v.object({
      text: v.pipe(
        v.string(),
        v.maxLength(LONGEST_PROMPT),
        v.check((text) => text.trim() !== '', 'it is empty'),
      ),
      ids: v.pipe(v.array(tokenId), v.maxLength(LONGEST_PROMPT)),
    }),
    mode: runMode,
    maxNewTokens: newTokens,
    view,
    pinnedStep,
    firstDivergence: v.nullable(step),
    lanes: v.pipe(v.array(Lane), v.minLength(1), v.maxLength(MAX_LANES)),
  }),
  v.check(
    ({ lanes: [first] }) => first?.fault === 'none' && first.guard === 'none',
    'the first lane is not healthy',
  ),
  v.check(
    ({ lanes, maxNewTokens }) => lanes.every(({ ids }) => ids.length <= maxNewTokens),
    'a lane has more tokens than were asked for',
  ),
);

export type BundleDocument = v.InferOutput<typeof BundleSchema>;
