import { appError, Failure, type Result, settle } from '../src/core/errors';
import { faultPairing } from '../src/core/faults';
import type { DecoderOptions } from '../src/onnx/decoder';
import type {
  EngineApi,
  LoadedModel,
  LoadProgress,
  LoadRequest,
  Probe,
  RunEvent,
  RunRequest,
  RunSummary,
} from '../src/protocol/engineApi';
import type {
  AttentionMap,
  AttentionRequest,
  Capture,
  RunDistributions,
  TensorDifference,
  TensorDifferenceRequest,
} from '../src/protocol/inspection';
import { Inspection } from './inspection';
import { runLanes } from './laneRun';
import { readModel } from './modelFiles';
import { type ModelSessions, openSessions } from './modelSessions';
import type { OpenSource } from './modelSource';
import { checkRun } from './runRequest';
import type { Runtime } from './runtime';
import { throttle } from './throttle';
import type { Tokenizer } from './tokenizer';
import { warmUp } from './warmUp';

/** Between two progress events. */
const PROGRESS_MS = 100;
/** So many runs can be looked into, and so many runs aside; older ones are forgotten. */
const REMEMBERED_RUNS = 2;

export interface EngineOptions {
  readonly runtime: Runtime;
  readonly openSource: OpenSource;
  /** 'stored' takes the directory's model.onnx; otherwise the graph is built with these options. */
  readonly graph: 'stored' | DecoderOptions;
}

type Remembered = Readonly<Record<'onScreen' | 'aside', readonly Inspection[]>>;

const NOTHING: Remembered = { onScreen: [], aside: [] };

interface Loaded {
  readonly model: LoadedModel;
  readonly sessions: ModelSessions;
  readonly tokenizer: Tokenizer;
}

/** The engine: one model, one run at a time. The same under a browser's worker and under Node. */
export class Engine implements EngineApi {
  readonly #options: EngineOptions;
  #loaded: Loaded | undefined;
  #loading: AbortController | undefined;
  #running: number | undefined;
  #cancelled: number | undefined;
  /** Settles when no capture uses the session any more: ORT takes one call at a time. */
  #reading: Promise<unknown> = Promise.resolve();
  #inspections: Remembered = NOTHING;

  constructor(options: EngineOptions) {
    this.#options = options;
  }

  probe(): Promise<Result<Probe>> {
    return settle(() => this.#options.runtime.probe());
  }

  async load(
    request: LoadRequest,
    onProgress: (progress: LoadProgress) => void,
  ): Promise<Result<LoadedModel>> {
    if (this.#loading || this.#running !== undefined) {
      return { ok: false, error: appError('busy', 'A model is being loaded, or a run goes on.') };
    }
    const controller = new AbortController();
    this.#loading = controller;
    const result = await settle(() => this.#load(request, onProgress, controller.signal));
    this.#loading = undefined;
    return result;
  }

  async run(request: RunRequest, onEvent: (event: RunEvent) => void): Promise<Result<RunSummary>> {
    if (this.#running !== undefined || this.#loading) {
      return { ok: false, error: appError('busy', 'Another run goes on.') };
    }
    this.#running = request.runId;
    await this.#reading;
    const result = await this.#orLost((loaded) => this.#run(loaded, request, onEvent));
    this.#running = undefined;
    return result;
  }

  cancel(runId: number): Promise<void> {
    this.#cancelled = runId;
    return Promise.resolve();
  }

  cancelLoad(): Promise<void> {
    this.#loading?.abort();
    return Promise.resolve();
  }

  async dispose(): Promise<void> {
    this.#loading?.abort();
    await this.#release();
  }

  distributions(runId: number): Promise<Result<RunDistributions>> {
    return settle(() => this.#inspectionOf(runId).distributions());
  }

  capture(runId: number): Promise<Result<Capture>> {
    const reading = this.#reading.then(() =>
      this.#orLost(({ sessions }) => {
        if (this.#isWanted()) throw new Failure('busy', 'A run or a load goes on.');
        return this.#inspectionOf(runId).capture(
          () => sessions.inspection(),
          () => this.#isWanted(),
        );
      }),
    );
    this.#reading = reading;
    return reading;
  }

  tensorDifference(request: TensorDifferenceRequest): Promise<Result<TensorDifference>> {
    return settle(() => this.#inspectionOf(request.runId).tensorDifference(request));
  }

  attention(request: AttentionRequest): Promise<Result<AttentionMap>> {
    return settle(() => this.#inspectionOf(request.runId).attention(request));
  }

  async #load(
    request: LoadRequest,
    onProgress: (progress: LoadProgress) => void,
    signal: AbortSignal,
  ): Promise<LoadedModel> {
    const started = performance.now();
    const { runtime, openSource, graph } = this.#options;
    await this.#reading;
    await this.#release();
    const progress = throttle(onProgress, PROGRESS_MS);
    const source = await openSource(request.location);
    const files = await readModel(source, {
      graph,
      onBytes: (loadedBytes, totalBytes) => {
        progress.push({ phase: 'files', loadedBytes, totalBytes });
      },
      signal,
    });
    progress.flush();
    const enter = (phase: LoadProgress['phase']) => {
      stopIfAborted(signal);
      onProgress({ phase, loadedBytes: files.weightBytes, totalBytes: files.weightBytes });
    };
    enter('session');
    const opened = await openSessions(runtime, files, source, request.executionProvider);
    const { sessions, executionProvider, reason } = opened;
    try {
      enter('warm-up');
      await warmUp(sessions.decoder, files.config, signal);
      stopIfAborted(signal);
    } catch (error) {
      await sessions.release();
      throw error;
    }
    const model: LoadedModel = {
      id: request.id,
      sha256: files.sha256,
      config: files.config,
      parameterCount: files.parameterCount,
      weightBytes: files.weightBytes,
      executionProvider,
      executionProviderReason: reason,
      loadMs: performance.now() - started,
    };
    this.#loaded = { model, sessions, tokenizer: files.tokenizer };
    return model;
  }

  async #run(
    { model, sessions, tokenizer }: Loaded,
    request: RunRequest,
    onEvent: (event: RunEvent) => void,
  ): Promise<RunSummary> {
    const { runId, lanes } = request;
    const promptIds = checkRun(request, tokenizer, model.config);
    const paired = lanes.some(({ fault }) => faultPairing(fault) !== 'halves');
    const { summary, record } = await runLanes(
      paired ? await sessions.inspection() : sessions.decoder,
      tokenizer,
      model,
      request,
      promptIds,
      () => this.#cancelled === runId,
      onEvent,
    );
    const kind = request.aside ? 'aside' : 'onScreen';
    const remembered = [new Inspection(record, model.config), ...this.#inspections[kind]];
    this.#inspections = {
      ...this.#inspections,
      [kind]: remembered.slice(0, REMEMBERED_RUNS),
    };
    return summary;
  }

  /** Work that needs the model. If it fails because the GPU device is gone, that is the error. */
  async #orLost<T>(work: (loaded: Loaded) => Promise<T>): Promise<Result<T>> {
    const loaded = this.#loaded;
    if (!loaded) return { ok: false, error: appError('not-loaded', 'No model is loaded.') };
    const result = await settle(() => work(loaded));
    const { lost } = loaded.sessions;
    if (result.ok || lost === undefined) return result;
    return { ok: false, error: appError('device-lost', `The GPU device was lost: ${lost}`) };
  }

  #inspectionOf(runId: number): Inspection {
    const { onScreen, aside } = this.#inspections;
    const found = [...onScreen, ...aside].find((inspection) => inspection.runId === runId);
    if (!found) throw new Failure('run-forgotten', 'That run is no longer in memory.');
    return found;
  }

  /** Is there a run or a load, for which a capture gives way between two lanes? */
  #isWanted(): boolean {
    return this.#running !== undefined || this.#loading !== undefined;
  }

  async #release(): Promise<void> {
    const loaded = this.#loaded;
    this.#loaded = undefined;
    this.#inspections = NOTHING;
    await loaded?.sessions.release();
  }
}

function stopIfAborted(signal: AbortSignal): void {
  if (signal.aborted) throw new Failure('cancelled', 'Loading was stopped.');
}
