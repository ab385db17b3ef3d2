import { type DecoderConfig, LLAMA_TRAITS } from '../core/decoderConfig';
import { commonPrefix, firstDivergence } from '../core/divergence';
import { type AppError, appError, type Result } from '../core/errors';
import { type LaneSpec, stackLanes } from '../core/lanes';
import type {
  EngineApi,
  ExecutionProvider,
  LaneStep,
  LoadedModel,
  LoadRequest,
  RunEvent,
  RunRequest,
  RunSummary,
  StopReason,
} from '../protocol/engineApi';

/** What a scripted engine says, and when. */
export interface Script {
  /** The tokens that a lane generates, one text each; it then ends by itself. */
  readonly says: (prompt: string, lane: LaneSpec) => readonly string[];
  /** Awaited before each step of a load and of a run: the test's hand on the clock. */
  readonly tick: () => Promise<void>;
  /** An error that this load ends with, if any. */
  readonly loadError?: (request: LoadRequest) => AppError | undefined;
}

export interface ScriptedEngine extends EngineApi {
  /** Everything pending settles with the error 'worker-crashed', and the model is gone. */
  readonly crash: () => void;
  readonly loads: readonly LoadRequest[];
  readonly runs: readonly RunRequest[];
}

const CONFIG: DecoderConfig = {
  ...LLAMA_TRAITS,
  modelType: 'opensci',
  vocabSize: 256,
  hiddenSize: 64,
  intermediateSize: 128,
  numHiddenLayers: 2,
  numAttentionHeads: 1,
  numKeyValueHeads: 1,
  headDim: 64,
  ropeTheta: 1_000_000,
  maxPositionEmbeddings: 256,
  normEps: 1e-5,
  attentionBias: true,
  outputBias: true,
  mlpBias: true,
  qkNorm: 'head',
  attentionScale: 1 / 8,
  layerAttention: ['full', 'full'],
  tieWordEmbeddings: true,
  eosTokenIds: [0],
};

const MEGABYTE = 1_000_000;

/** An engine without a model: it says what its script says. */
export function createScriptedEngine(script: Script): ScriptedEngine {
  const loads: LoadRequest[] = [];
  const runs: RunRequest[] = [];
  const vocabulary: string[] = [];
  let provider: ExecutionProvider | null = null;
  let cancelled: number | null = null;
  let loading: { cancelled: boolean } | null = null;
  let die: (error: AppError) => void = () => undefined;
  let death = new Promise<AppError>((resolve) => (die = resolve));

  const idOf = (text: string): number => {
    const known = vocabulary.indexOf(text);
    return known >= 0 ? known : vocabulary.push(text) - 1;
  };

  const step = (text: string, index: number): LaneStep => {
    const id = idOf(text);
    const runnerUp = idOf(' the');
    const logit = 12 - index / 8;
    return {
      id,
      text,
      label: text,
      top: [
        { id, token: text, logit },
        { id: runnerUp, token: ' the', logit: logit - 2 },
      ],
    };
  };

  const decode = async (request: RunRequest, onEvent: (event: RunEvent) => void) => {
    const { runId, prompt, maxNewTokens } = request;
    const scripts = request.lanes.map((lane) => script.says(prompt, lane).slice(0, maxNewTokens));
    const promptTokens = prompt.split(/(?= )/);
    await script.tick();
    onEvent({
      type: 'started',
      runId,
      prompt: promptTokens.map((text) => ({ id: idOf(text), text, label: text })),
      rotations: stackLanes(request.lanes, CONFIG, 8).rotations,
    });
    const longest = Math.max(...scripts.map((texts) => texts.length));
    let said = 0;
    while (said < longest && cancelled !== runId) {
      await script.tick();
      if (cancelled === runId) break;
      const at = said++;
      const steps = scripts.map((texts) => texts.slice(at, said).map((text) => step(text, at)));
      onEvent({ type: 'tokens', runId, steps });
    }
    const lanes = scripts.map((texts) => {
      const spoken = texts.slice(0, said);
      const ended: StopReason = texts.length < maxNewTokens ? 'eos' : 'length';
      const stopped: StopReason = spoken.length < texts.length ? 'cancelled' : ended;
      return { ids: spoken.map(idOf), text: spoken.join(''), stopped };
    });
    const [first, second] = lanes;
    const summary: RunSummary = {
      runId,
      executionProvider: provider ?? 'wasm',
      promptIds: promptTokens.map(idOf),
      lanes,
      firstDivergence:
        first && second && commonPrefix(first.ids, second.ids) < said
          ? firstDivergence(first.ids, second.ids)
          : null,
      timing: { prefillMs: 5, decodeMs: 10 * said, tokensPerSecond: 100, sessionMs: 10 * said },
    };
    return { ok: true, value: summary } as const;
  };

  const read = async (
    request: LoadRequest,
    onProgress: Parameters<EngineApi['load']>[1],
    present: { readonly cancelled: boolean },
  ): Promise<Result<LoadedModel>> => {
    for (const loadedBytes of [0, 2 * MEGABYTE, 4 * MEGABYTE]) {
      await script.tick();
      if (present.cancelled) {
        return { ok: false, error: appError('cancelled', 'Loading was stopped.') };
      }
      onProgress({ phase: 'files', loadedBytes, totalBytes: 4 * MEGABYTE });
    }
    const error = script.loadError?.(request);
    if (error !== undefined) return { ok: false, error };
    provider = request.executionProvider === 'webgpu' ? 'webgpu' : 'wasm';
    return {
      ok: true,
      value: {
        id: request.id,
        sha256: 'c0ffee'.repeat(10) + 'c0ff',
        config: CONFIG,
        parameterCount: 2 * MEGABYTE,
        tensors: [],
        weightBytes: 4 * MEGABYTE,
        executionProvider: provider,
        executionProviderReason: 'Scripted: there is no model behind this.',
        origin: { kind: request.reference.kind, hub: null, commit: null },
        format: 'safetensors',
        packing: request.packing ?? 'keep',
        notes: [],
        loadMs: 12,
      },
    };
  };

  const orDeath = <T>(work: Promise<Result<T>>): Promise<Result<T>> =>
    Promise.race([work, death.then((error): Result<T> => ({ ok: false, error }))]);

  /** There are no tensors behind a script. */
  const notCaptured = () =>
    Promise.resolve({ ok: false, error: appError('not-loaded', 'No run was captured.') } as const);

  return {
    loads,
    runs,
    crash: () => {
      provider = null;
      die(appError('worker-crashed', 'The engine’s worker has stopped: as scripted.'));
      death = new Promise((resolve) => (die = resolve));
    },
    probe: () =>
      Promise.resolve({
        ok: true,
        value: { executionProvider: 'wasm', reason: 'Scripted.', adapter: null },
      }),
    survey: () =>
      Promise.resolve({ ok: false, error: appError('model-not-found', 'Nothing is scripted.') }),
    stored: () => Promise.resolve({ ok: true, value: [] }),
    deleteStored: () => Promise.resolve({ ok: true, value: null }),
    load: async (request, onProgress) => {
      if (loading !== null) {
        return { ok: false, error: appError('busy', 'A model is being loaded.') };
      }
      loads.push(request);
      const present = { cancelled: false };
      loading = present;
      const result = await orDeath(read(request, onProgress, present));
      loading = null;
      return result;
    },
    run: (request, onEvent) => {
      runs.push(request);
      if (provider !== null) return orDeath(decode(request, onEvent));
      return Promise.resolve({ ok: false, error: appError('not-loaded', 'No model is loaded.') });
    },
    distributions: notCaptured,
    capture: notCaptured,
    tensorDifference: notCaptured,
    attention: notCaptured,
    positionTrace: notCaptured,
    cancel: (runId) => {
      cancelled = runId;
      return Promise.resolve();
    },
    cancelLoad: () => {
      if (loading !== null) loading.cancelled = true;
      return Promise.resolve();
    },
    dispose: () => Promise.resolve(),
  };
}
