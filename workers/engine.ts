import type { Packing } from '../src/core/packing';
import { appError, Failure, type Result, settle } from '../src/core/errors';
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
  PositionTrace,
  PositionTraceRequest,
  RunDistributions,
  TensorDifference,
  TensorDifferenceRequest,
} from '../src/protocol/inspection';
import type {
  ModelReference,
  ModelSurvey,
  StoredModel,
  SurveyRequest,
} from '../src/protocol/models';
import { exportNameOf, readExportFiles, surveyExport } from './exportFiles';
import { exportHeldAs, surveyPackings } from './hubExports';
import { Inspection } from './inspection';
import { runLanes } from './laneRun';
import { readModel, type ReadOptions } from './modelFiles';
import type { ModelSource, OpenSource } from './modelSource';
import { type Device, openDevice } from './device';
import { checkRun } from './runRequest';
import type { Runtime } from './runtime';
import type { ModelStore } from './store/modelStore';
import { stopIfAborted } from './stopIfAborted';
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
  /** Where models of a hub are kept. */
  readonly store?: () => Promise<ModelStore>;
  /** The directory's model.onnx, or the same built from config.json and the header. */
  readonly graph: 'stored' | 'built';
}

type Remembered = Readonly<Record<'onScreen' | 'aside', readonly Inspection[]>>;

const NOTHING: Remembered = { onScreen: [], aside: [] };

interface Loaded {
  readonly model: LoadedModel;
  readonly device: Device;
  readonly tokenizer: Tokenizer;
}

/** The engine: one model, one run at a time. The same under a browser's worker and under Node. */
export class Engine implements EngineApi {
  readonly #options: EngineOptions;
  #loaded: Loaded | undefined;
  #loading: AbortController | undefined;
  #running: number | undefined;
  #cancelled: number | undefined;
  #inspections: Remembered = NOTHING;

  constructor(options: EngineOptions) {
    this.#options = options;
  }

  probe(): Promise<Result<Probe>> {
    return settle(() => this.#options.runtime.probe());
  }

  async survey({ reference }: SurveyRequest): Promise<Result<ModelSurvey>> {
    if (this.#loading) {
      return { ok: false, error: appError('busy', 'A model is being loaded.') };
    }
    const controller = new AbortController();
    this.#loading = controller;
    const { signal } = controller;
    const result = await settle(() => this.#survey(reference, signal));
    this.#loading = undefined;
    return result;
  }

  stored(): Promise<Result<readonly StoredModel[]>> {
    return settle(async () => (await this.#options.store?.())?.list() ?? []);
  }

  deleteStored(key: string): Promise<Result<null>> {
    return settle(async () => {
      await (await this.#options.store?.())?.delete(key);
      return null;
    });
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
    return settle(() => this.#inspectionOf(runId).capture());
  }

  tensorDifference(request: TensorDifferenceRequest): Promise<Result<TensorDifference>> {
    return settle(() => this.#inspectionOf(request.runId).tensorDifference(request));
  }

  attention(request: AttentionRequest): Promise<Result<AttentionMap>> {
    return settle(() => this.#inspectionOf(request.runId).attention(request));
  }

  positionTrace(request: PositionTraceRequest): Promise<Result<PositionTrace>> {
    return settle(() => this.#inspectionOf(request.runId).positionTrace(request));
  }

  async #load(
    request: LoadRequest,
    onProgress: (progress: LoadProgress) => void,
    signal: AbortSignal,
  ): Promise<LoadedModel> {
    const started = performance.now();
    const { runtime, openSource, graph } = this.#options;
    await this.#release();
    const progress = throttle(onProgress, PROGRESS_MS);
    const source = await openSource(request.reference, signal);
    const local = exportNameOf(source);
    const packing = local === undefined ? await this.#packingFor(source, request, signal) : 'keep';
    const exported = local ?? exportHeldAs(source, packing);
    const isStored = graph === 'stored' && source.reference.kind === 'directory';
    const how = { packing, graph: isStored && packing === 'keep' ? graph : 'built' } as const;
    let reached = { loadedBytes: 0, totalBytes: 0 };
    const options: ReadOptions = {
      ...how,
      onBytes: (loadedBytes, totalBytes) => {
        reached = { loadedBytes, totalBytes };
        progress.push({ phase: 'files', ...reached });
      },
      onWaiting: () => onProgress({ phase: 'waiting', ...reached }),
      signal,
    };
    const files =
      exported === undefined
        ? await readModel(source, options)
        : await readExportFiles(source, exported, options);
    await source.finish?.();
    progress.flush();
    const enter = (phase: LoadProgress['phase']) => {
      stopIfAborted(signal);
      onProgress({ phase, loadedBytes: files.weightBytes, totalBytes: files.weightBytes });
    };
    enter('session');
    const device = await openDevice(runtime, files, source, request.executionProvider, how);
    const { session, executionProvider, reason } = device;
    try {
      enter('warm-up');
      await warmUp(session, files.config, signal);
      stopIfAborted(signal);
    } catch (error) {
      await device.release();
      throw error;
    }
    const model: LoadedModel = {
      id: request.id,
      sha256: files.sha256,
      config: files.config,
      parameterCount: files.parameterCount,
      tensors: files.tensors,
      weightBytes: files.weightBytes,
      executionProvider,
      executionProviderReason: reason,
      origin: source.origin,
      format: files.format,
      packing,
      notes: [...source.notes, ...files.notes],
      loadMs: performance.now() - started,
    };
    this.#loaded = { model, device, tokenizer: files.tokenizer };
    return model;
  }

  async #survey(reference: ModelReference, signal: AbortSignal): Promise<ModelSurvey> {
    const { runtime, openSource } = this.#options;
    const source = await openSource(reference, signal);
    const [limits, { executionProvider }] = await Promise.all([runtime.limits(), runtime.probe()]);
    const exported = exportNameOf(source);
    return exported === undefined
      ? surveyPackings(source, limits, executionProvider, signal)
      : surveyExport(source, exported, limits, signal);
  }

  /**
   * The packing that was asked for, or else the one that suits this machine, found before any weights are read. The page's own
   * directories are small: they are kept as they are without a look.
   * @throws Failure memory-exceeded if it cannot be had here
   */
  async #packingFor(
    source: ModelSource,
    { executionProvider: wanted, packing: asked }: LoadRequest,
    signal: AbortSignal,
  ): Promise<Packing> {
    if (source.files === null) return asked ?? 'keep';
    const { runtime } = this.#options;
    const [limits, probe] = await Promise.all([runtime.limits(), runtime.probe()]);
    const executionProvider = wanted === 'auto' ? probe.executionProvider : wanted;
    const survey = await surveyPackings(source, limits, executionProvider, signal);
    const packing = asked ?? survey.recommended;
    const obstacle = survey.packings.find((choice) => choice.packing === packing)?.obstacle;
    if (typeof obstacle === 'string') throw new Failure('memory-exceeded', obstacle);
    return packing;
  }

  async #run(
    { model, device, tokenizer }: Loaded,
    request: RunRequest,
    onEvent: (event: RunEvent) => void,
  ): Promise<RunSummary> {
    const { runId } = request;
    const promptIds = checkRun(request, tokenizer, model.config);
    const { summary, record } = await runLanes(
      request.attention === 'eager' ? await device.eager() : device.session,
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
    const { lost } = loaded.device;
    if (result.ok || lost === undefined) return result;
    return { ok: false, error: appError('device-lost', `The GPU device was lost: ${lost}`) };
  }

  #inspectionOf(runId: number): Inspection {
    const { onScreen, aside } = this.#inspections;
    const found = [...onScreen, ...aside].find((inspection) => inspection.runId === runId);
    if (!found) throw new Failure('run-forgotten', 'That run is no longer in memory.');
    return found;
  }

  async #release(): Promise<void> {
    const loaded = this.#loaded;
    this.#loaded = undefined;
    this.#inspections = NOTHING;
    await loaded?.device.release();
  }
}
