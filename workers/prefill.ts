import type { LaneSession } from './laneSession';
import { macrotask } from './macrotask';
import {
  disposeCache,
  type KeyValueCache,
  type RunTables,
  type StepInput,
  type StepOutput,
} from './session';

/**
 * A longer prompt is read piece by piece, so that a run can be stopped in its prompt too. Not more than 31: ORT's
 * GroupQueryAttention on WebGPU has another shader for 32 tokens and more, whose numbers were wrong where subgroups are small.
 */
export const PIECE_TOKENS = 31;

export interface PrefillRequest {
  readonly session: LaneSession;
  readonly promptIds: readonly number[];
  readonly tables: RunTables;
  readonly lanes: number;
  /** One step of the session, timed by the caller. */
  readonly forward: (
    step: StepInput,
    tables: RunTables,
    cache: KeyValueCache,
  ) => Promise<StepOutput>;
  /** Asked before every piece. */
  readonly isCancelled: () => boolean;
  /** What one lane's next tokens gave: [tokens, traceWidth]. */
  readonly onTrace: (lane: number, values: Float32Array) => void;
}

/**
 * Reads the prompt in every lane: logits of its last token [lanes, vocab], and the cache of the batch.
 *
 * A short prompt is one step of the whole batch. In a longer one each lane reads piece after piece by itself (ORT's
 * GroupQueryAttention takes several tokens with a past only for a batch of one), and the caches are stacked. The choice
 * depends on the prompt alone, so that a lane's numbers are the same bits whatever lanes are beside it.
 *
 * @returns undefined if it was cancelled
 */
export async function prefill(request: PrefillRequest): Promise<StepOutput | undefined> {
  const { session, promptIds, tables, lanes, forward, isCancelled } = request;
  if (isCancelled()) return undefined;
  if (promptIds.length <= PIECE_TOKENS) {
    const inputIds = Array.from({ length: lanes }, () => promptIds).flat();
    const step = { inputIds, lanes, sequence: promptIds.length, taps: true };
    const output = await forward(step, tables, session.emptyCache(lanes));
    traceLanes(output, lanes, request.onTrace);
    return output;
  }
  const outputs: StepOutput[] = [];
  for (let lane = 0; lane < lanes; lane++) {
    let cache = session.emptyCache(1);
    let last: StepOutput | undefined;
    for (let start = 0; start < promptIds.length; start += PIECE_TOKENS) {
      await macrotask();
      if (isCancelled()) {
        for (const read of [...outputs.map((output) => output.cache), cache]) disposeCache(read);
        return undefined;
      }
      const inputIds = promptIds.slice(start, start + PIECE_TOKENS);
      const step = { inputIds, lanes: 1, sequence: inputIds.length, firstLane: lane, taps: true };
      last = await forward(step, tables, cache);
      traceLanes(last, 1, (_, values) => request.onTrace(lane, values));
      cache = last.cache;
    }
    if (last) outputs.push(last);
  }
  const logits = new Float32Array(outputs.reduce((sum, output) => sum + output.logits.length, 0));
  outputs.forEach((output, lane) => logits.set(output.logits, lane * output.logits.length));
  return { logits, cache: await session.stack(outputs.map(({ cache }) => cache)), taps: {} };
}

/** Hands on what a step of these lanes traced, lane by lane. */
export function traceLanes(
  { taps: { trace } }: StepOutput,
  lanes: number,
  onTrace: (lane: number, values: Float32Array) => void,
): void {
  if (trace === undefined) return;
  const size = trace.length / lanes;
  for (let lane = 0; lane < lanes; lane++) {
    onTrace(lane, trace.subarray(lane * size, (lane + 1) * size));
  }
}
