import type { DecoderConfig } from '../src/core/decoderConfig';
import { HEALTHY_LANE, stackLanes } from '../src/core/lanes';
import { decodeGreedy } from './decode';
import { macrotask } from './macrotask';
import type { DecoderSession } from './session';

/** A prefill and a few steps compile the shaders; then until WASM has tiered up, but no longer than this. */
const PROMPT = Array.from({ length: 8 }, () => 0);
const LEAST_STEPS = 3;
const MOST_STEPS = 64;
const DEADLINE_MS = 400;

/** Runs a few steps of the usual shape, two lanes, so that the first run does not pay for compilation. */
export async function warmUp(
  session: DecoderSession,
  config: DecoderConfig,
  signal: AbortSignal,
): Promise<void> {
  const lanes = [HEALTHY_LANE, HEALTHY_LANE];
  const positions = Math.min(PROMPT.length + MOST_STEPS, config.maxPositionEmbeddings);
  const promptIds = PROMPT.slice(0, positions - 1);
  const deadline = performance.now() + DEADLINE_MS;
  let steps = 0;
  await decodeGreedy({
    session,
    promptIds,
    tables: stackLanes(lanes, config, positions, promptIds.length).tables,
    lanes: lanes.length,
    vocabSize: config.vocabSize,
    eosTokenIds: [],
    maxNewTokens: positions - promptIds.length,
    topK: 1,
    isCancelled: () => signal.aborted || (steps >= LEAST_STEPS && performance.now() > deadline),
    onStep: () => {
      steps++;
      return macrotask();
    },
  });
}
