import { attentionWeights, type HeadVectors } from '../src/core/attention';
import type { DecoderConfig } from '../src/core/decoderConfig';
import { maxAbsDifference, maxOverHeads } from '../src/core/difference';
import {
  compareDistributions,
  type StepDistribution,
  UNKNOWN_DISTRIBUTION,
} from '../src/core/distribution';
import { Failure } from '../src/core/errors';
import { topK } from '../src/core/greedy';
import { pairingOrder } from '../src/core/rope';
import { layerValues } from '../src/onnx/decoder';
import type {
  AttentionMap,
  AttentionRequest,
  Capture,
  RunDistributions,
  TensorDifference,
  TensorDifferenceRequest,
} from '../src/protocol/inspection';
import type { RunRecord } from './laneRun';
import { macrotask } from './macrotask';
import { type DecoderSession, disposeCache } from './session';

/** Queries and keys of a whole run; more is refused before it is computed. */
const MAX_CAPTURE_BYTES = 512 * 1024 * 1024;

type Taps = Readonly<Record<string, Float32Array>>;

/** One run, looked into. */
export class Inspection {
  readonly #record: RunRecord;
  readonly #config: DecoderConfig;
  #taps: Promise<readonly Taps[]> | undefined;

  constructor(record: RunRecord, config: DecoderConfig) {
    this.#record = record;
    this.#config = config;
  }

  get runId(): number {
    return this.#record.runId;
  }

  /** From the run's own logits; nothing is run again. */
  distributions(): RunDistributions {
    const { runId, logits, choices } = this.#record;
    const { vocabSize } = this.#config;
    const lanes = choices.map((length, lane) =>
      logits.slice(0, length).map((step, index): StepDistribution => {
        const healthy = step.subarray(0, vocabSize);
        const [chosen] = index < (choices[0] ?? 0) ? topK(healthy, 1) : [];
        if (!chosen) return UNKNOWN_DISTRIBUTION;
        const own = step.subarray(lane * vocabSize, (lane + 1) * vocabSize);
        return compareDistributions(own, healthy, chosen.id);
      }),
    );
    return { runId, lanes };
  }

  /** Reads every lane's tokens once more, lane by lane, unless that has been done. */
  async capture(open: () => Promise<DecoderSession>, isStale: () => boolean): Promise<Capture> {
    this.#taps ??= this.#read(open, isStale).catch((error: unknown) => {
      this.#taps = undefined;
      throw error;
    });
    await this.#taps;
    const { numHiddenLayers, numAttentionHeads, numKeyValueHeads, headDim } = this.#config;
    return {
      runId: this.runId,
      layers: numHiddenLayers,
      heads: numAttentionHeads,
      keyValueHeads: numKeyValueHeads,
      headDim,
      tokenIds: this.#record.readIds,
    };
  }

  async tensorDifference(request: TensorDifferenceRequest): Promise<TensorDifference> {
    const { lane, against, tensor, stage } = request;
    const { numHiddenLayers } = this.#config;
    const positions = Math.min(this.#positions(lane), this.#positions(against));
    const heads = this.#heads(tensor);
    const order = stage === 'after' ? this.#orderBetween(against, lane) : undefined;
    const perHead = new Float32Array(numHiddenLayers * heads * positions);
    const overHeads = new Float32Array(numHiddenLayers * positions);
    for (let layer = 0; layer < numHiddenLayers; layer++) {
      const name = tapName(layer, tensor, stage);
      const difference = maxAbsDifference(
        await this.#vectors(against, name, heads),
        await this.#vectors(lane, name, heads),
        order,
      );
      perHead.set(difference, layer * heads * positions);
      overHeads.set(maxOverHeads(difference, heads), layer * positions);
    }
    return { layers: numHiddenLayers, heads, positions, perHead, overHeads };
  }

  async attention({ lane, layer, head }: AttentionRequest): Promise<AttentionMap> {
    const { numHiddenLayers, numAttentionHeads } = this.#config;
    if (!isIndex(layer, numHiddenLayers) || !isIndex(head, numAttentionHeads)) {
      throw new Failure('settings-invalid', `There is no layer ${layer} with a head ${head}.`);
    }
    const of = (tensor: 'query' | 'key') =>
      this.#vectors(lane, tapName(layer, tensor, 'after'), this.#heads(tensor));
    const queries = await of('query');
    return {
      positions: queries.positions,
      weights: attentionWeights(queries, await of('key'), head),
    };
  }

  async #read(open: () => Promise<DecoderSession>, isStale: () => boolean): Promise<Taps[]> {
    const { readIds } = this.#record;
    const { numHiddenLayers, numAttentionHeads, numKeyValueHeads, headDim } = this.#config;
    const positions = readIds.reduce((sum, ids) => sum + ids.length, 0);
    const perPosition = numHiddenLayers * 2 * (numAttentionHeads + numKeyValueHeads) * headDim * 4;
    if (positions * perPosition > MAX_CAPTURE_BYTES) {
      throw new Failure(
        'context-exceeded',
        `Queries and keys of ${positions} positions take ${positions * perPosition} bytes, more than the ${MAX_CAPTURE_BYTES} allowed.`,
      );
    }
    const session = await open();
    const tables = session.tables(this.#record.tables);
    const captured: Taps[] = [];
    for (const [lane, ids] of readIds.entries()) {
      if (isStale()) throw new Failure('cancelled', 'Another run has begun.');
      const step = { inputIds: ids, lanes: 1, sequence: ids.length, firstLane: lane, taps: true };
      const output = await session.forward(step, tables, session.emptyCache(1));
      disposeCache(output.cache);
      captured.push(output.taps);
      await macrotask();
    }
    return captured;
  }

  async #vectors(lane: number, name: string, heads: number): Promise<HeadVectors> {
    const taps = await this.#taps;
    if (!taps) throw new Failure('not-loaded', 'This run has not been captured.');
    const values = taps[lane]?.[name];
    if (!values) throw new Failure('settings-invalid', `There is no lane ${lane} in this run.`);
    return { values, positions: this.#positions(lane), heads, headDim: this.#config.headDim };
  }

  #positions(lane: number): number {
    return this.#record.readIds[lane]?.length ?? 0;
  }

  #heads(tensor: 'query' | 'key'): number {
    const { numAttentionHeads, numKeyValueHeads } = this.#config;
    return tensor === 'query' ? numAttentionHeads : numKeyValueHeads;
  }

  /** Where the lane's rotated components stand in the other lane's order; undefined if both have the same. */
  #orderBetween(against: number, lane: number): number[] | undefined {
    const { pairings } = this.#record.tables;
    const [from, to] = [pairings[against] ?? 'halves', pairings[lane] ?? 'halves'];
    if (from === to) return undefined;
    const { headDim } = this.#config;
    const standing = pairingOrder(from, headDim);
    return pairingOrder(to, headDim).map((component) => standing.indexOf(component));
  }
}

function tapName(layer: number, tensor: 'query' | 'key', stage: 'before' | 'after'): string {
  const values = layerValues(layer);
  if (tensor === 'query') {
    return stage === 'before' ? values.queryBeforeRotation : values.queryAfterRotation;
  }
  return stage === 'before' ? values.keyBeforeRotation : values.keyAfterRotation;
}

function isIndex(value: number, length: number): boolean {
  return Number.isInteger(value) && value >= 0 && value < length;
}
