import type { DecoderConfig } from '../../src/core/decoderConfig';
import { type LaneSpec, stackLanes } from '../../src/core/lanes';
import { hasBfloat16, widenBfloat16 } from '../../src/onnx/bfloat16';
import { parseConfig } from '../../src/onnx/config';
import { buildDecoder, type DecoderOptions } from '../../src/onnx/decoder';
import { parseCheckpoint, WEIGHTS_FILE } from '../../src/onnx/safetensors';
import { decodeGreedy } from '../decode';
import { nodeRuntime } from '../nodeRuntime';
import { DecoderSession, type StepOutput } from '../session';
import type { ModelDirectory } from './randomModel';

export interface OpenModel {
  readonly config: DecoderConfig;
  readonly session: DecoderSession;
}

/** A session on ORT's WASM for a checkpoint, without tokenizer and engine. */
export async function openModel(
  files: ModelDirectory,
  options: DecoderOptions = {},
): Promise<OpenModel> {
  const config = parseConfig(new TextDecoder().decode(files['config.json']));
  const stored = files[WEIGHTS_FILE] ?? new Uint8Array();
  const checkpoint = parseCheckpoint(stored);
  const bytes = hasBfloat16(checkpoint) ? widenBfloat16(checkpoint, stored) : stored;
  const graph = buildDecoder(config, parseCheckpoint(bytes), options);
  const build = await nodeRuntime.load('wasm');
  const weights = [{ location: WEIGHTS_FILE, bytes }];
  const parts = { graphs: [graph], weights, widenOnce: true };
  const session = await DecoderSession.create(build, parts, config, 'wasm');
  return { config, session };
}

/** What one lane chose, and all logits of each step. */
export interface DecodedLane {
  readonly ids: number[];
  /** Per step [vocab]. */
  readonly logits: Float32Array[];
}

/** Greedy decoding by ids, without an end token. */
export async function decodeIds(
  { config, session }: OpenModel,
  promptIds: readonly number[],
  lanes: readonly LaneSpec[],
  maxNewTokens: number,
): Promise<DecodedLane[]> {
  const { vocabSize } = config;
  const decoded = lanes.map((): DecodedLane => ({ ids: [], logits: [] }));
  await decodeGreedy({
    session,
    promptIds,
    tables: stackLanes(lanes, config, promptIds.length + maxNewTokens).tables,
    lanes: lanes.length,
    vocabSize,
    eosTokenIds: [],
    maxNewTokens,
    topK: 1,
    isCancelled: () => false,
    onStep: (choices, logits) => {
      choices.forEach((choice, lane) => {
        if (!choice) return;
        decoded[lane]?.ids.push(choice.id);
        decoded[lane]?.logits.push(logits.slice(lane * vocabSize, (lane + 1) * vocabSize));
      });
    },
  });
  return decoded;
}

/** One forward pass of the same ids in every lane, from an empty cache. */
export function forwardIds(
  { config, session }: OpenModel,
  ids: readonly number[],
  lanes: readonly LaneSpec[],
): Promise<StepOutput> {
  const inputIds = lanes.flatMap(() => ids);
  const tables = session.tables(stackLanes(lanes, config, ids.length).tables);
  const step = { inputIds, lanes: lanes.length, sequence: ids.length, taps: true };
  return session.forward(step, tables, session.emptyCache(lanes.length));
}

/** The largest |a - b|; infinite if the lengths differ, NaN if any value is. */
export function maxDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs((a[i] ?? Number.NaN) - (b[i] ?? Number.NaN));
    if (!(difference <= largest)) largest = difference;
  }
  return largest;
}
