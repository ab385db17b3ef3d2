import { Failure } from '../src/core/errors';
import { allFinite, type ScoredToken, topK } from '../src/core/greedy';
import type { StackedTables } from '../src/core/lanes';
import type { RunMode, StopReason } from '../src/protocol/engineApi';
import type { LaneSession } from './laneSession';
import { prefill, type PrefillRequest, traceLanes } from './prefill';
import { disposeCache } from './session';

/** One lane's choice at one step: the first of `top` is the token chosen. */
export interface Choice {
  readonly id: number;
  readonly top: readonly ScoredToken[];
}

export interface DecodeRequest {
  readonly session: LaneSession;
  readonly promptIds: readonly number[];
  readonly tables: StackedTables;
  readonly lanes: number;
  readonly vocabSize: number;
  readonly eosTokenIds: readonly number[];
  readonly maxNewTokens: number;
  readonly topK: number;
  /** 'teacher-forced' feeds every lane the first lane's choices. 'free' unless said otherwise. */
  readonly mode?: RunMode;
  /** Asked before every step, and before every piece of a long prompt. */
  readonly isCancelled: () => boolean;
  /**
   * Called with what a lane's next tokens traced, [tokens, traceWidth], the callee's to keep: if the graph gives a trace,
   * and until the lane has ended.
   */
  readonly onTrace?: (lane: number, values: Float32Array) => void;
  /**
   * Called after every step with what each lane chose, undefined for lanes that have ended, and with the logits
   * [lanes, vocab], which are the callee's to keep. May pause the loop.
   */
  readonly onStep: (
    choices: readonly (Choice | undefined)[],
    logits: Float32Array,
  ) => void | Promise<void>;
}

export interface DecodeTiming {
  readonly prefillMs: number;
  readonly decodeMs: number;
  /** Of both, the part inside the session. */
  readonly sessionMs: number;
  /** Steps after the prefill. */
  readonly decodeSteps: number;
}

export interface Decoded {
  readonly stopped: readonly StopReason[];
  readonly timing: DecodeTiming;
}

/**
 * Greedy decoding of one prompt in several lanes, as one batch, with a KV cache of its own.
 *
 * All lanes take every step together; a lane that has ended is fed its last token and its output is dropped. Ties go to
 * the lowest id. A lane whose logits, or whose traced queries and keys, are not finite ends there, and only it: the lanes
 * share weights, not rows. (Logits alone would not tell: fused attention drops NaN scores where a step has several
 * tokens, and gives finite, wrong logits.)
 *
 * @throws Failure non-finite-logits if that happens to the first lane, which the others are measured against
 */
export async function decodeGreedy(request: DecodeRequest): Promise<Decoded> {
  const { session, promptIds, lanes, vocabSize, isCancelled } = request;
  const stopped: (StopReason | undefined)[] = Array.from({ length: lanes });
  const tables = session.tables(request.tables);
  const forced = request.mode === 'teacher-forced';
  const broken = new Set<number>();
  const onTrace = (lane: number, values: Float32Array) => {
    if (stopped[lane]) return;
    if (!allFinite(values)) broken.add(lane);
    request.onTrace?.(lane, values);
  };
  let sessionMs = 0;
  const forward: PrefillRequest['forward'] = async (...step) => {
    const before = performance.now();
    const output = await session.forward(...step);
    sessionMs += performance.now() - before;
    return output;
  };
  let inputIds = Array.from({ length: lanes }, () => promptIds.at(-1) ?? 0);
  let steps = 0;
  const started = performance.now();
  const prompt = { session, promptIds, tables, lanes, forward, isCancelled, onTrace };
  let output = await prefill(prompt);
  const prefillMs = output ? performance.now() - started : 0;
  try {
    while (output) {
      const { logits } = output;
      const choices = stopped.map((reason, lane) => {
        if (reason) return undefined;
        const own = logits.subarray(lane * vocabSize, (lane + 1) * vocabSize);
        const choice = broken.has(lane) ? undefined : choose(own, request.topK);
        if (!choice) stopped[lane] = 'non-finite';
        return choice;
      });
      if (stopped[0] === 'non-finite') {
        throw new Failure(
          'non-finite-logits',
          `The healthy lane’s logits are not finite numbers at step ${steps + 1}.`,
        );
      }
      // A lane that reads another's text does not end it by choosing an end token.
      choices.slice(0, forced ? 1 : lanes).forEach((choice, lane) => {
        if (choice && request.eosTokenIds.includes(choice.id)) stopped[lane] = 'eos';
      });
      if (forced && stopped[0]) endWithTheFirst(stopped);
      inputIds = nextInputs(choices, inputIds, forced);
      steps++;
      await request.onStep(choices, logits);
      if (steps >= request.maxNewTokens || !stopped.includes(undefined) || isCancelled()) break;
      output = await forward({ inputIds, lanes, sequence: 1, taps: true }, tables, output.cache);
      traceLanes(output, lanes, onTrace);
    }
  } finally {
    if (output) disposeCache(output.cache);
  }
  const decodeMs = steps === 0 ? 0 : performance.now() - started - prefillMs;
  const ending = steps < request.maxNewTokens ? 'cancelled' : 'length';
  return {
    stopped: stopped.map((reason) => reason ?? ending),
    timing: {
      prefillMs,
      decodeMs,
      sessionMs: output ? sessionMs : 0,
      decodeSteps: Math.max(0, steps - 1),
    },
  };
}

/** What each lane reads next: its own choice, or the first lane's. A lane that has ended reads something all the same. */
function nextInputs(
  choices: readonly (Choice | undefined)[],
  before: readonly number[],
  forced: boolean,
): number[] {
  return choices.map((choice, lane) => {
    const next = forced ? choices[0] : choice;
    return next?.id ?? before[lane] ?? 0;
  });
}

/** There is no more text to read. */
function endWithTheFirst(stopped: (StopReason | undefined)[]): void {
  stopped.forEach((reason, lane) => {
    stopped[lane] = reason ?? stopped[0];
  });
}

/** @returns undefined if the logits are not finite */
function choose(logits: Float32Array, k: number): Choice | undefined {
  const top = topK(logits, Math.max(1, k));
  const [best] = top ?? [];
  return top && best && { id: best.id, top };
}
