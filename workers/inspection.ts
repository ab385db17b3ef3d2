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
import type {
  AttentionMap,
  AttentionRequest,
  Capture,
  CapturedTensor,
  CaptureStage,
  PositionTrace,
  PositionTraceRequest,
  RunDistributions,
  StagedVectors,
  TensorDifference,
  TensorDifferenceRequest,
} from '../src/protocol/inspection';
import { MAX_TRACE_BYTES, type RunRecord } from './laneRun';
import type { Trace } from './trace';

/** One run, looked into. */
export class Inspection {
  readonly #record: RunRecord;
  readonly #config: DecoderConfig;

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
        const [chosen] = index < (choices[0] ?? 0) ? (topK(healthy, 1) ?? []) : [];
        if (!chosen) return UNKNOWN_DISTRIBUTION;
        const own = step.subarray(lane * vocabSize, (lane + 1) * vocabSize);
        return compareDistributions(own, healthy, chosen.id);
      }),
    );
    return { runId, lanes };
  }

  /** What there is to look into. Nothing is run: the run's own steps have traced it. */
  capture(): Capture {
    this.#trace();
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

  tensorDifference(request: TensorDifferenceRequest): TensorDifference {
    const { lane, against, tensor, stage } = request;
    const { numHiddenLayers } = this.#config;
    const positions = Math.min(this.#positions(lane), this.#positions(against));
    const heads = this.#heads(tensor);
    const order = stage === 'after' ? this.#orderBetween(against, lane) : undefined;
    const perHead = new Float32Array(numHiddenLayers * heads * positions);
    const overHeads = new Float32Array(numHiddenLayers * positions);
    for (let layer = 0; layer < numHiddenLayers; layer++) {
      const difference = maxAbsDifference(
        this.#vectors(against, layer, tensor, stage),
        this.#vectors(lane, layer, tensor, stage),
        order,
      );
      perHead.set(difference, layer * heads * positions);
      overHeads.set(maxOverHeads(difference, heads), layer * positions);
    }
    return { layers: numHiddenLayers, heads, positions, perHead, overHeads };
  }

  attention({ lane, layer, head }: AttentionRequest): AttentionMap {
    const { numHiddenLayers, numAttentionHeads } = this.#config;
    if (!isIndex(layer, numHiddenLayers) || !isIndex(head, numAttentionHeads)) {
      throw new Failure('settings-invalid', `There is no layer ${layer} with a head ${head}.`);
    }
    const queries = this.#vectors(lane, layer, 'query', 'after');
    const keys = this.#vectors(lane, layer, 'key', 'after');
    return { positions: queries.positions, weights: attentionWeights(queries, keys, head) };
  }

  positionTrace({ lane, position }: PositionTraceRequest): PositionTrace {
    this.#trace();
    const tokenId = this.#record.readIds[lane]?.[position];
    if (tokenId === undefined) {
      throw new Failure('settings-invalid', `Lane ${lane} has no position ${position}.`);
    }
    const { tables, promptLength, choices, logits } = this.#record;
    const row = (lane * tables.maxPositions + position) * tables.pairs;
    const step = position - (promptLength - 1);
    const chosen = step < (choices[lane] ?? 0) ? logits[step] : undefined;
    const { vocabSize } = this.#config;
    return {
      tokenId,
      cos: tables.cos.slice(row, row + tables.pairs),
      sin: tables.sin.slice(row, row + tables.pairs),
      query: this.#staged(lane, position, 'query'),
      key: this.#staged(lane, position, 'key'),
      logits: chosen?.slice(lane * vocabSize, (lane + 1) * vocabSize) ?? null,
    };
  }

  #staged(lane: number, position: number, tensor: CapturedTensor): StagedVectors {
    const size = this.#heads(tensor) * this.#config.headDim;
    const { numHiddenLayers } = this.#config;
    const at = (stage: CaptureStage) => {
      const values = new Float32Array(numHiddenLayers * size);
      for (let layer = 0; layer < numHiddenLayers; layer++) {
        const vectors = this.#vectors(lane, layer, tensor, stage).values;
        values.set(vectors.subarray(position * size, (position + 1) * size), layer * size);
      }
      return values;
    };
    return { before: at('before'), after: at('after') };
  }

  #vectors(lane: number, layer: number, tensor: CapturedTensor, stage: CaptureStage): HeadVectors {
    const trace = this.#trace();
    if (!isIndex(lane, this.#record.readIds.length)) {
      throw new Failure('settings-invalid', `There is no lane ${lane} in this run.`);
    }
    return trace.vectors(lane, layer, tensor, stage);
  }

  #trace(): Trace {
    const { trace } = this.#record;
    if (trace) return trace;
    throw new Failure(
      'context-exceeded',
      `This run’s queries and keys would take more than the ${MAX_TRACE_BYTES} bytes that are kept of one run.`,
    );
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
    const standing = pairingOrder(from, this.#config);
    return pairingOrder(to, this.#config).map((component) => standing.indexOf(component));
  }
}

function isIndex(value: number, length: number): boolean {
  return Number.isInteger(value) && value >= 0 && value < length;
}
