import { firstDivergence } from '../src/core/divergence';
import { appError, Failure, type Result, settle, toAppError } from '../src/core/errors';
import { HEALTHY_LANE, type LaneSpec, stackLanes } from '../src/core/lanes';
import type { DecoderOptions } from '../src/onnx/decoder';
import type {
  EngineApi,
  ExecutionProvider,
  LaneStep,
  LoadedModel,
  LoadProgress,
  LoadRequest,
  Probe,
  RunEvent,
  RunRequest,
  RunSummary,
} from '../src/protocol/engineApi';
import { decodeGreedy } from './decode';
import { macrotask } from './macrotask';
import { type ModelFiles, readModel } from './modelFiles';
import type { OpenSource } from './modelSource';
import { checkRun } from './runRequest';
import type { Runtime } from './runtime';
import { DecoderSession } from './session';
import { throttle } from './throttle';
import { TextStream, type Tokenizer } from './tokenizer';

/** Between two progress events, and between two batches of tokens. */
const PROGRESS_MS = 100;
const BATCH_MS = 30;
/** Warm-up ends after this time or this many steps: by then WASM has tiered up, and shaders are compiled. */
const WARM_UP_MS = 400;
const WARM_UP_STEPS = 64;

export interface EngineOptions {
  readonly runtime: Runtime;
  readonly openSource: OpenSource;
  /** 'stored' takes the directory's model.onnx; otherwise the graph is built with these options. */
  readonly graph: 'stored' | DecoderOptions;
}

interface Loaded {
  readonly model: LoadedModel;
  readonly session: DecoderSession;
  readonly tokenizer: Tokenizer;
}

/** The engine: one model, one session, one run at a time. The same under a browser's worker and under Node. */
export class Engine implements EngineApi {
  readonly #options: EngineOptions;
  #loaded: Loaded | undefined;
  #loading: AbortController | undefined;
  #running = false;
  #cancelledRun: number | undefined;
  #lost: string | undefined;

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
    if (this.#loading || this.#running) {
      return { ok: false, error: appError('busy', 'A model is being loaded, or a run goes on.') };
    }
    const controller = new AbortController();
    this.#loading = controller;
    const result = await settle(() => this.#load(request, onProgress, controller.signal));
    this.#loading = undefined;
    return result;
  }

  async run(request: RunRequest, onEvent: (event: RunEvent) => void): Promise<Result<RunSummary>> {
    const loaded = this.#loaded;
    if (!loaded) return { ok: false, error: appError('not-loaded', 'No model is loaded.') };
    if (this.#running || this.#loading) {
      return { ok: false, error: appError('busy', 'Another run goes on.') };
    }
    this.#running = true;
    const result = await settle(() => this.#run(loaded, request, onEvent));
    this.#running = false;
    if (!result.ok && this.#lost !== undefined) {
      const message = `The GPU device was lost: ${this.#lost}`;
      return { ok: false, error: appError('device-lost', message) };
    }
    return result;
  }

  cancel(runId: number): Promise<void> {
    this.#cancelledRun = runId;
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

  async #release(): Promise<void> {
    const loaded = this.#loaded;
    this.#loaded = undefined;
    await loaded?.session.release();
  }

  async #load(
    request: LoadRequest,
    onProgress: (progress: LoadProgress) => void,
    signal: AbortSignal,
  ): Promise<LoadedModel> {
    const started = performance.now();
    await this.#release();
    const bytes = throttle(onProgress, PROGRESS_MS);
    const files = await readModel(await this.#options.openSource(request.location), {
      graph: this.#options.graph,
      onBytes: (loadedBytes, totalBytes) => {
        bytes.push({ phase: 'files', loadedBytes, totalBytes });
      },
      signal,
    });
    bytes.flush();
    const phase = (phase: LoadProgress['phase']) => {
      if (signal.aborted) throw new Failure('cancelled', 'Loading was stopped.');
      onProgress({ phase, loadedBytes: files.weightBytes, totalBytes: files.weightBytes });
    };
    phase('session');
    const { session, executionProvider, reason } = await this.#openSession(request, files);
    try {
      phase('warm-up');
      await warmUp(session, files, signal);
    } catch (error) {
      await session.release();
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
    this.#loaded = { model, session, tokenizer: files.tokenizer };
    return model;
  }

  /** On the provider asked for; with 'auto', on WebGPU if that works, else on WASM, and the reason is kept. */
  async #openSession({ executionProvider: wanted }: LoadRequest, files: ModelFiles) {
    const { runtime } = this.#options;
    const open = async (executionProvider: ExecutionProvider, reason: string) => {
      const build = await runtime.load(executionProvider);
      const { session: sessionFiles, config } = files;
      const session = await DecoderSession.create(build, sessionFiles, config, executionProvider);
      this.#lost = undefined;
      if (executionProvider === 'webgpu') {
        void runtime.deviceLost(build).then((reason) => {
          this.#lost = reason;
        });
      }
      return { session, executionProvider, reason };
    };
    try {
      if (wanted === 'wasm') return await open('wasm', 'WASM was chosen.');
      const probe = await runtime.probe();
      if (probe.executionProvider === 'wasm') {
        if (wanted === 'webgpu') throw new Failure('session-failed', probe.reason);
        return await open('wasm', probe.reason);
      }
      try {
        return await open('webgpu', probe.reason);
      } catch (error) {
        if (wanted === 'webgpu') throw error;
        const why = toAppError(error).message;
        return await open('wasm', `WebGPU could not make a session: ${why}`);
      }
    } catch (error) {
      if (error instanceof Failure) throw error;
      const { message } = toAppError(error);
      throw new Failure('session-failed', `The model could not be started: ${message}`);
    }
  }

  async #run(
    { model, session, tokenizer }: Loaded,
    request: RunRequest,
    onEvent: (event: RunEvent) => void,
  ): Promise<RunSummary> {
    const { runId, lanes, maxNewTokens } = request;
    const promptIds = checkRun(request, tokenizer, model.config);
    const stacked = stackLanes(lanes, model.config, promptIds.length + maxNewTokens);
    const { rotations, tables } = stacked;
    onEvent({ type: 'started', runId, prompt: tokenizer.split(promptIds), rotations });

    const streams = lanes.map(() => new TextStream(tokenizer, promptIds));
    const ids: number[][] = lanes.map(() => []);
    const texts: string[] = lanes.map(() => '');
    let batch: LaneStep[][] = lanes.map(() => []);
    let flushed = performance.now();
    const flush = () => {
      if (batch.some((steps) => steps.length > 0)) onEvent({ type: 'tokens', runId, steps: batch });
      batch = lanes.map(() => []);
      flushed = performance.now();
    };

    const { stopped, timing } = await decodeGreedy({
      session,
      promptIds,
      tables,
      lanes: lanes.length,
      vocabSize: model.config.vocabSize,
      eosTokenIds: model.config.eosTokenIds,
      maxNewTokens,
      topK: request.topK,
      isCancelled: () => this.#cancelledRun === runId,
      onStep: async (choices) => {
        choices.forEach((choice, lane) => {
          if (!choice) return;
          const text = streams[lane]?.push(choice.id) ?? '';
          ids[lane]?.push(choice.id);
          texts[lane] = (texts[lane] ?? '') + text;
          batch[lane]?.push({
            id: choice.id,
            text,
            label: tokenizer.label(choice.id),
            top: choice.top.map((scored) => ({ ...scored, token: tokenizer.word(scored.id) })),
          });
        });
        if (performance.now() - flushed < BATCH_MS) return;
        flush();
        await macrotask();
      },
    });
    flush();
    const { decodeSteps, decodeMs } = timing;
    return {
      runId,
      executionProvider: model.executionProvider,
      promptIds,
      lanes: lanes.map((_, lane) => ({
        ids: ids[lane] ?? [],
        text: (texts[lane] ?? '') + (streams[lane]?.flush() ?? ''),
        stopped: stopped[lane] ?? 'length',
      })),
      firstDivergence:
        lanes.length < 2
          ? null
          : firstDivergence(ids[0] ?? [], ids[1] ?? [], { ended: !stopped.includes('cancelled') }),
      timing: {
        prefillMs: timing.prefillMs,
        decodeMs,
        sessionMs: timing.sessionMs,
        tokensPerSecond: decodeSteps > 0 ? (decodeSteps / decodeMs) * 1000 : null,
      },
    };
  }
}

/** Runs a few steps of the usual shape, so that the first run does not pay for compilation. */
async function warmUp(
  session: DecoderSession,
  { config }: ModelFiles,
  signal: AbortSignal,
): Promise<void> {
  const lanes: readonly LaneSpec[] = [HEALTHY_LANE, HEALTHY_LANE];
  const steps = Math.min(WARM_UP_STEPS, config.maxPositionEmbeddings - 2);
  const started = performance.now();
  await decodeGreedy({
    session,
    promptIds: [0, 0],
    tables: stackLanes(lanes, config, steps + 2).tables,
    lanes: lanes.length,
    vocabSize: config.vocabSize,
    eosTokenIds: [],
    maxNewTokens: steps,
    topK: 1,
    isCancelled: () => signal.aborted || performance.now() - started > WARM_UP_MS,
    onStep: () => macrotask(),
  });
  if (signal.aborted) throw new Failure('cancelled', 'Loading was stopped.');
}
