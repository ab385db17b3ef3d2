import type * as Ort from 'onnxruntime-web';
import { Failure } from '../src/core/errors';
import { HEALTHY_LANE, type LayeredRope, stackLanes, type StackedTables } from '../src/core/lanes';
import { type RotaryTables, sameBits } from '../src/core/rope';
import { halfValues, roundToHalf } from '../src/onnx/float16';
import type { FloatType } from '../src/onnx/exports/constantValues';
import type { OpenedExport } from '../src/onnx/exports/openedExport';
import { isLocal } from '../src/onnx/exports/exportConfig';
import { damagedFeed, type FedConstant } from '../src/onnx/exports/rotaryFeed';
import type { ExecutionProvider } from '../src/protocol/engineApi';
import type { LaneSession } from './laneSession';
import type { KeyValueCache, OrtBuild, RunTables, StepInput, StepOutput } from './session';

export interface ExternalFile {
  readonly location: string;
  readonly bytes: Uint8Array;
}

/** Somebody else's decoder graph, whose rotation is an input. Lanes go through it in turn, each with its own past. */
export class ExportSession implements LaneSession {
  readonly traced = false;
  readonly #ort: OrtBuild;
  readonly #session: Ort.InferenceSession;
  readonly #export: OpenedExport;
  readonly #rope: LayeredRope;

  private constructor(
    ort: OrtBuild,
    session: Ort.InferenceSession,
    opened: OpenedExport,
    rope: LayeredRope,
  ) {
    this.#ort = ort;
    this.#session = session;
    this.#export = opened;
    this.#rope = rope;
  }

  /**
   * @param rope whose tables are the healthy lane's
   * @throws whatever ORT throws
   */
  static async create(
    ort: OrtBuild,
    opened: OpenedExport,
    rope: LayeredRope,
    files: readonly ExternalFile[],
    executionProvider: ExecutionProvider,
  ): Promise<ExportSession> {
    const session = await ort.InferenceSession.create(opened.graph, {
      executionProviders: [executionProvider],
      externalData: files.map(({ location, bytes }) => ({ path: location, data: bytes })),
      logSeverityLevel: 3,
    });
    return new ExportSession(ort, session, opened, rope);
  }

  /** @throws Failure lanes-invalid, context-exceeded */
  tables(stacked: StackedTables): RunTables {
    const { maxPositions, pairings } = stacked;
    const { feeds } = this.#export;
    if (pairings.some((pairing) => pairing !== 'halves')) {
      throw new Failure(
        'lanes-invalid',
        'This export pairs a head’s halves, and nothing it is fed can change that.',
      );
    }
    const rows = Math.min(...feeds.map(({ positions = maxPositions }) => positions));
    if (maxPositions > rows) {
      throw new Failure(
        'context-exceeded',
        `The export’s tables have ${rows} positions, the run needs ${maxPositions}.`,
      );
    }
    const healthy = stackLanes([HEALTHY_LANE], this.#rope, maxPositions).tables;
    const perLane = pairings.map((_, lane) => {
      const constants = feeds.flatMap((feed) => {
        const local = isLocal(feed, feeds);
        const own = laneRows((local ? stacked.local : null) ?? stacked, lane, maxPositions);
        const usual = (local ? healthy.local : null) ?? healthy;
        const intact = sameBits(own.cos, usual.cos) && sameBits(own.sin, usual.sin);
        return intact ? feed.own : damagedFeed(feed, own, usual);
      });
      return Object.fromEntries(constants.map((fed) => [fed.name, this.#fed(fed)]));
    });
    return { feeds: perLane, maxPositions, pairings };
  }

  emptyCache(lanes: number): KeyValueCache {
    const { caches, cacheType, numKeyValueHeads, headDim } = this.#export.decoder;
    const tensors: Record<string, Ort.Tensor> = {};
    for (let lane = 0; lane < lanes; lane++) {
      for (const { past } of caches) {
        tensors[laneKey(lane, past)] = this.#floats(cacheType, new Float32Array(0), [
          1,
          numKeyValueHeads,
          0,
          headDim,
        ]);
      }
    }
    return { length: 0, tensors };
  }

  async forward(step: StepInput, tables: RunTables, cache: KeyValueCache): Promise<StepOutput> {
    const { lanes, sequence, firstLane = 0 } = step;
    const { vocabSize, caches } = this.#export.decoder;
    const logits = new Float32Array(lanes * vocabSize);
    const tensors: Record<string, Ort.Tensor> = {};
    for (let lane = 0; lane < lanes; lane++) {
      const ids = step.inputIds.slice(lane * sequence, (lane + 1) * sequence);
      let held = Object.fromEntries(
        caches.map(({ past }) => [past, tensorOf(cache.tensors, laneKey(lane, past))]),
      );
      let length = cache.length;
      for (const piece of this.#pieces(ids, length)) {
        const outputs = await this.#session.run({
          ...this.#tokens(piece, length),
          ...tables.feeds[firstLane + lane],
          ...held,
        });
        // Most exports give every position's logits; the last ones are the next token's.
        logits.set(widened(tensorOf(outputs, 'logits')).slice(-vocabSize), lane * vocabSize);
        held = Object.fromEntries(
          caches.map(({ past, present }) => [past, tensorOf(outputs, present)]),
        );
        length += piece.length;
      }
      for (const [past, tensor] of Object.entries(held)) tensors[laneKey(lane, past)] = tensor;
    }
    return { logits, cache: { length: cache.length + sequence, tensors }, taps: {} };
  }

  stack(single: readonly KeyValueCache[]): Promise<KeyValueCache> {
    const tensors: Record<string, Ort.Tensor> = {};
    for (const [lane, cache] of single.entries()) {
      for (const { past } of this.#export.decoder.caches) {
        tensors[laneKey(lane, past)] = tensorOf(cache.tensors, laneKey(0, past));
      }
    }
    return Promise.resolve({ length: single[0]?.length ?? 0, tensors });
  }

  async release(): Promise<void> {
    await this.#session.release();
  }

  /** The decoder behind a past, of the two in a merged file, is made for one token at a time. */
  #pieces(ids: readonly number[], past: number): readonly (readonly number[])[] {
    return this.#export.decoder.merged && past > 0 ? ids.map((id) => [id]) : [ids];
  }

  #tokens(ids: readonly number[], past: number): Record<string, Ort.Tensor> {
    const { attentionMask, positionIds, merged, logitsToKeep } = this.#export.decoder;
    const integers = (values: readonly number[]) =>
      new this.#ort.Tensor('int64', BigInt64Array.from(values, BigInt), [1, values.length]);
    return {
      input_ids: integers(ids),
      ...(attentionMask
        ? { attention_mask: integers(Array.from({ length: past + ids.length }, () => 1)) }
        : {}),
      ...(positionIds ? { position_ids: integers(ids.map((_, i) => past + i)) } : {}),
      ...(logitsToKeep
        ? { num_logits_to_keep: new this.#ort.Tensor('int64', BigInt64Array.of(1n), logitsToKeep) }
        : {}),
      ...(merged
        ? { use_cache_branch: new this.#ort.Tensor('bool', Uint8Array.of(past > 0 ? 1 : 0), [1]) }
        : {}),
    };
  }

  #fed({ type, values, shape }: FedConstant): Ort.Tensor {
    return this.#floats(type, values, shape);
  }

  #floats(type: FloatType, values: Float32Array, shape: readonly number[]): Ort.Tensor {
    return type === 'float32'
      ? new this.#ort.Tensor('float32', values, shape)
      : new this.#ort.Tensor('float16', Uint16Array.from(values, roundToHalf), shape);
  }
}

function laneRows({ cos, sin, pairs }: RotaryTables, lane: number, rows: number): RotaryTables {
  const block = [lane * rows * pairs, (lane + 1) * rows * pairs] as const;
  return { positions: rows, pairs, cos: cos.subarray(...block), sin: sin.subarray(...block) };
}

function laneKey(lane: number, name: string): string {
  return `${lane}/${name}`;
}

function tensorOf(tensors: Readonly<Record<string, Ort.Tensor>>, name: string): Ort.Tensor {
  const tensor = tensors[name];
  if (!tensor) throw new Failure('internal', `There is no ${name}.`);
  return tensor;
}

function widened({ data, type }: Ort.Tensor): Float32Array {
  if (data instanceof Float32Array) return data;
  if (type !== 'float16') throw new Failure('onnx-invalid', 'The logits are not floats.');
  const { buffer, byteOffset, length } = data as Uint16Array;
  const values = halfValues();
  return Float32Array.from(
    new Uint16Array(buffer, byteOffset, length),
    (bits) => values[bits] ?? 0,
  );
}
