import type { DecoderConfig } from '../core/decoderConfig';
import type { Result } from '../core/errors';
import type { ScoredToken } from '../core/greedy';
import type { LaneRotation, LaneSpec } from '../core/lanes';
import type { InspectionApi } from './inspection';
import type {
  ModelFormat,
  ModelOrigin,
  ModelReference,
  ModelSurvey,
  Packing,
  StoredModel,
  SurveyRequest,
} from './models';

/** Where the graph runs. */
export type ExecutionProvider = 'webgpu' | 'wasm';

/** What this machine offers, found by asking for a real adapter and a real device. */
export interface Probe {
  readonly executionProvider: ExecutionProvider;
  /** One sentence: why this one. */
  readonly reason: string;
  /** What the WebGPU adapter calls itself, if there is one. */
  readonly adapter: string | null;
}

export interface LoadRequest {
  readonly reference: ModelReference;
  /** Name under which the model is shown. */
  readonly id: string;
  /** 'auto' takes WebGPU when an adapter and a device are really obtained. */
  readonly executionProvider: ExecutionProvider | 'auto';
  /** What the survey recommends, unless said otherwise. */
  readonly packing?: Packing;
}

/** 'waiting': for another tab that downloads the same model, or for a hub that asked for a pause. */
export type LoadPhase = 'waiting' | 'files' | 'session' | 'warm-up';

/** About ten a second; the last one of a phase always arrives. Loaded bytes never fall, nor does the total. */
export interface LoadProgress {
  readonly phase: LoadPhase;
  readonly loadedBytes: number;
  readonly totalBytes: number;
}

/** One tensor of a checkpoint. */
export interface CheckpointTensor {
  readonly name: string;
  /** As it is stored. */
  readonly dtype: string;
  readonly shape: readonly number[];
  /** Of its stored bytes, hexadecimal; null for models too large to hash twice. */
  readonly sha256: string | null;
}

export interface LoadedModel {
  readonly id: string;
  /**
   * SHA-256 of the weights' file, hexadecimal. Of several files (shards), that of their own SHA-256 in hexadecimal, in the
   * order of their names, one line each.
   */
  readonly sha256: string;
  readonly origin: ModelOrigin;
  readonly format: ModelFormat;
  readonly packing: Packing;
  /** What became of it that a visitor should know, a sentence each: it could not be stored, say. */
  readonly notes: readonly string[];
  readonly config: DecoderConfig;
  readonly parameterCount: number;
  /** All that model.safetensors holds, in the order of its bytes. */
  readonly tensors: readonly CheckpointTensor[];
  readonly weightBytes: number;
  readonly executionProvider: ExecutionProvider;
  /** One sentence: why this execution provider. */
  readonly executionProviderReason: string;
  readonly loadMs: number;
}

/**
 * 'free': each lane continues its own text. 'teacher-forced': every lane reads the text of the first, so that
 * distributions are compared at the same context.
 */
export type RunMode = 'free' | 'teacher-forced';

export type AttentionKind = 'fused' | 'eager';

export interface RunRequest {
  /** Chosen by the caller, carried by every event: stale events are dropped by it. */
  readonly runId: number;
  readonly prompt: string;
  /** One batch. The first is the lane that the others are compared with. */
  readonly lanes: readonly LaneSpec[];
  readonly maxNewTokens: number;
  /** 'free' unless said otherwise. */
  readonly mode?: RunMode;
  /**
   * ORT's fused kernel unless said otherwise; 'eager' runs a second graph of the same weights, built when first asked for,
   * whose attention is MatMul, Softmax, MatMul.
   */
  readonly attention?: AttentionKind;
  /** An experiment of a view: it does not push the runs on screen out of memory. */
  readonly aside?: boolean;
  /** How many of the highest logits each step reports. */
  readonly topK: number;
}

/** A token as it is shown: never half a character. */
export interface TextToken {
  readonly id: number;
  /** What it adds to the text; empty while a character is incomplete, and for special tokens. */
  readonly text: string;
  /** Its entry in the vocabulary, readable even if it is half a character or a special token. */
  readonly label: string;
}

export interface TopToken extends ScoredToken {
  readonly token: string;
}

/** One lane's choice at one step. */
export interface LaneStep extends TextToken {
  /** The highest logits of this step, highest first; the first is the token chosen. */
  readonly top: readonly TopToken[];
}

/** Why a lane ended: its own end token, the limit, the visitor, or logits that are not numbers. */
export type StopReason = 'eos' | 'length' | 'cancelled' | 'non-finite';

export interface RunStarted {
  readonly type: 'started';
  readonly runId: number;
  readonly prompt: readonly TextToken[];
  /** One per lane. */
  readonly rotations: readonly LaneRotation[];
}

/** Tokens that arrived since the last batch. */
export interface TokenBatch {
  readonly type: 'tokens';
  readonly runId: number;
  /** steps[lane] continues that lane; a lane that has ended adds nothing. */
  readonly steps: readonly (readonly LaneStep[])[];
}

export type RunEvent = RunStarted | TokenBatch;

export interface LaneResult {
  readonly ids: readonly number[];
  readonly text: string;
  readonly stopped: StopReason;
}

export interface RunTiming {
  readonly prefillMs: number;
  readonly decodeMs: number;
  /** Decode steps per second: each step gives every lane a token. Null if there was no decode step. */
  readonly tokensPerSecond: number | null;
  /** Part of prefillMs + decodeMs that was spent inside the session. */
  readonly sessionMs: number;
}

export interface RunSummary {
  readonly runId: number;
  readonly executionProvider: ExecutionProvider;
  readonly promptIds: readonly number[];
  readonly lanes: readonly LaneResult[];
  /** Of lane 0 and lane 1; null if they agree, or if there is one lane. */
  readonly firstDivergence: number | null;
  readonly timing: RunTiming;
}

/**
 * The engine, as the page, the command line and the tests see it. The worker implements it, and so does a scripted fake.
 * Errors are values: nothing here rejects, except that a dead worker rejects everything pending.
 */
export interface EngineApi extends InspectionApi {
  probe(): Promise<Result<Probe>>;
  /** Looks at a model without loading it: config.json and headers, by range. What is loaded stays. */
  survey(request: SurveyRequest): Promise<Result<ModelSurvey>>;
  /** What is kept on this machine, the newest first. */
  stored(): Promise<Result<readonly StoredModel[]>>;
  deleteStored(key: string): Promise<Result<null>>;
  /** Replaces a model that is loaded. Ends warm: a few steps have run. */
  load(
    request: LoadRequest,
    onProgress: (progress: LoadProgress) => void,
  ): Promise<Result<LoadedModel>>;
  /** One run at a time. Streams events, then gives the whole. A cancelled run is a value too, with what it had. */
  run(request: RunRequest, onEvent: (event: RunEvent) => void): Promise<Result<RunSummary>>;
  /** Stops that run, if it is still going, before its next step. */
  cancel(runId: number): Promise<void>;
  /** Stops a load or a survey that is going on; its call then gives the error 'cancelled'. */
  cancelLoad(): Promise<void>;
  dispose(): Promise<void>;
}
