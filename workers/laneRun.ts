import { firstDivergence } from '../src/core/divergence';
import { stackLanes, type StackedTables } from '../src/core/lanes';
import type { LoadedModel, RunEvent, RunRequest, RunSummary } from '../src/protocol/engineApi';
import { decodeGreedy } from './decode';
import { LaneTranscript } from './laneTranscript';
import { macrotask } from './macrotask';
import type { DecoderSession } from './session';
import type { Tokenizer } from './tokenizer';
import { Trace } from './trace';

/** Between two batches of tokens. */
const BATCH_MS = 30;

/** Queries and keys of a whole run; of a larger one none are kept. */
export const MAX_TRACE_BYTES = 512 * 1024 * 1024;

/** What a run leaves behind for the views. */
export interface RunRecord {
  readonly runId: number;
  readonly tables: StackedTables;
  /** Tokens of the prompt. */
  readonly promptLength: number;
  /** Per lane the ids that it has read: the prompt, and what it generated or was forced to read. */
  readonly readIds: readonly (readonly number[])[];
  /** Per lane how many tokens it chose. */
  readonly choices: readonly number[];
  /** Per step [lanes, vocab]. */
  readonly logits: readonly Float32Array[];
  /** Queries and keys of all that was read; undefined if they would have taken too much memory. */
  readonly trace: Trace | undefined;
}

export interface LaneRun {
  readonly summary: RunSummary;
  readonly record: RunRecord;
}

/** Decodes the lanes of one checked request as one batch, and streams what they say. */
export async function runLanes(
  session: DecoderSession,
  tokenizer: Tokenizer,
  model: Pick<LoadedModel, 'config' | 'executionProvider'>,
  request: RunRequest,
  promptIds: readonly number[],
  isCancelled: () => boolean,
  onEvent: (event: RunEvent) => void,
): Promise<LaneRun> {
  const { runId, lanes, maxNewTokens, mode = 'free' } = request;
  const { config, executionProvider } = model;
  const positions = promptIds.length + maxNewTokens;
  const { rotations, tables } = stackLanes(lanes, config, positions, promptIds.length);
  onEvent({ type: 'started', runId, prompt: tokenizer.split(promptIds), rotations });

  const transcript = new LaneTranscript(tokenizer, promptIds, lanes.length);
  const logits: Float32Array[] = [];
  const tokens = positions * lanes.length;
  const traced = Trace.bytes(config, tokens) <= MAX_TRACE_BYTES;
  const trace = traced ? new Trace(config, lanes.length) : undefined;
  let sent = performance.now();
  const send = () => {
    const steps = transcript.takeUnsent();
    if (steps.some((batch) => batch.length > 0)) onEvent({ type: 'tokens', runId, steps });
    sent = performance.now();
  };
  const { stopped, timing } = await decodeGreedy({
    session,
    promptIds,
    tables,
    lanes: lanes.length,
    vocabSize: config.vocabSize,
    eosTokenIds: config.eosTokenIds,
    maxNewTokens,
    topK: request.topK,
    mode,
    isCancelled,
    onTrace: (lane, values) => trace?.add(lane, values),
    onStep: async (choices, stepLogits) => {
      transcript.add(choices);
      logits.push(stepLogits);
      if (performance.now() - sent < BATCH_MS) return;
      send();
      await macrotask();
    },
  });
  send();

  const { ids } = transcript;
  const [first = [], second] = ids;
  const { prefillMs, decodeMs, sessionMs, decodeSteps } = timing;
  const ended = !stopped.includes('cancelled');
  const summary: RunSummary = {
    runId,
    executionProvider,
    promptIds,
    lanes: ids.map((laneIds, lane) => ({
      ids: laneIds,
      text: transcript.finish(lane),
      stopped: stopped[lane] ?? 'length',
    })),
    firstDivergence: second ? firstDivergence(first, second, { ended }) : null,
    timing: {
      prefillMs,
      decodeMs,
      sessionMs,
      tokensPerSecond: decodeSteps > 0 ? (decodeSteps / decodeMs) * 1000 : null,
    },
  };
  const readIds = ids.map((own, lane) => {
    const read = [...promptIds, ...(mode === 'free' ? own : first)];
    return read.slice(0, trace?.positions(lane));
  });
  const choices = ids.map((own) => own.length);
  const promptLength = promptIds.length;
  return { summary, record: { runId, tables, promptLength, readIds, choices, logits, trace } };
}
