import type { StepDistribution } from '../core/distribution';
import type { Result } from '../core/errors';

/** What can be asked of a run that has ended: all from what its own steps gave. Nothing here runs the model. */
export interface InspectionApi {
  /** Per lane and step, from the run's own logits. */
  distributions(runId: number): Promise<Result<RunDistributions>>;
  /** What of q and k the run has kept. */
  capture(runId: number): Promise<Result<Capture>>;
  /** max |Δ| of a captured lane against another. */
  tensorDifference(request: TensorDifferenceRequest): Promise<Result<TensorDifference>>;
  /** Attention weights of a captured lane, one layer and head. */
  attention(request: AttentionRequest): Promise<Result<AttentionMap>>;
  /** Everything that the run has kept of one position of a captured lane. */
  positionTrace(request: PositionTraceRequest): Promise<Result<PositionTrace>>;
}

export interface RunDistributions {
  readonly runId: number;
  /** [lane][step]; a lane that has ended has fewer steps. */
  readonly lanes: readonly (readonly StepDistribution[])[];
}

export interface Capture {
  readonly runId: number;
  readonly layers: number;
  /** Query heads. */
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly headDim: number;
  /** Per lane the token ids that it has read: the prompt and all that it generated but the last, which nothing read. */
  readonly tokenIds: readonly (readonly number[])[];
}

export type CapturedTensor = 'query' | 'key';
/** Of the rotation. Before it, q and k differ only by what earlier layers did differently. */
export type CaptureStage = 'before' | 'after';

export interface TensorDifferenceRequest {
  readonly runId: number;
  readonly lane: number;
  /** The lane compared with, usually 0. */
  readonly against: number;
  readonly tensor: CapturedTensor;
  readonly stage: CaptureStage;
}

export interface TensorDifference {
  readonly layers: number;
  readonly heads: number;
  /** That both lanes have. */
  readonly positions: number;
  /** [layers, heads, positions] */
  readonly perHead: Float32Array;
  /** [layers, positions], the largest over the heads. */
  readonly overHeads: Float32Array;
}

export interface AttentionRequest {
  readonly runId: number;
  readonly lane: number;
  readonly layer: number;
  readonly head: number;
}

export interface PositionTraceRequest {
  readonly runId: number;
  readonly lane: number;
  /** From 0, the first token of the prompt. */
  readonly position: number;
}

/** Before and after the rotation, [layers, heads, headDim] each; components in the order of the lane's own pairing. */
export type StagedVectors = Readonly<Record<CaptureStage, Float32Array>>;

export interface PositionTrace {
  /** Id of the token that stands there. */
  readonly tokenId: number;
  /** [rotaryDim / 2] each: what this position turns by. */
  readonly cos: Float32Array;
  readonly sin: Float32Array;
  readonly query: StagedVectors;
  /** With as many heads as there are of keys. */
  readonly key: StagedVectors;
  /** [vocab], of the token after this one; null inside the prompt, where none are computed, and behind a lane's end. */
  readonly logits: Float32Array | null;
}

export interface AttentionMap {
  readonly positions: number;
  /** [positions, positions]; row q holds what position q gives to each earlier position. */
  readonly weights: Float32Array;
}
