import { commonPrefix, firstDivergence } from '../core/divergence';
import { type AppError, appError, type Result } from '../core/errors';
import { type LaneSpec, stackLanes } from '../core/lanes';
import type {
  EngineApi,
  ExecutionProvider,
  LaneStep,
  LoadedModel,
  LoadProgress,
  LoadRequest,
  RunEvent,
  RunRequest,
  RunSummary,
  StopReason,
} from '../protocol/engineApi';
import type { ModelSurvey, StoredModel, SurveyRequest } from '../protocol/models';
import { SCRIPTED_BYTES, SCRIPTED_CONFIG, scriptedModel, scriptedSurvey } from './scriptedModels';

/** What a scripted engine says, and when. */
export interface Script {
  /** The tokens that a lane generates, one text each; it then ends by itself. */
  readonly says: (prompt: string, lane: LaneSpec) => readonly string[];
  /** Awaited before each step of a load and of a run: the test's hand on the clock. */
  readonly tick: () => Promise<void>;
  /** An error that this load ends with, if any. */
  readonly loadError?: (request: LoadRequest) => AppError | undefined;
  /** What a look at a model gives; the survey of any model, unless said otherwise. */
  readonly survey?: (request: SurveyRequest) => Result<ModelSurvey>;
  /** What is kept on this machine at first. */
  readonly stored?: readonly StoredModel[];
  /** Does this load wait before its first byte? */
  readonly waits?: (request: LoadRequest) => boolean;
  /** Of the weights; the same for all models, unless said otherwise. */
  readonly sha256?: (request: LoadRequest) => string | undefined;
}

export interface ScriptedEngine extends EngineApi {
  /** Everything pending settles with the error 'worker-crashed', and the model is gone. */
  readonly crash: () => void;
  readonly loads: readonly LoadRequest[];
  readonly runs: readonly RunRequest[];
  readonly surveys: readonly SurveyRequest[];
}

/** An engine without a model: it says what its script says. */
export function createScriptedEngine(script: Script): ScriptedEngine {
  const loads: LoadRequest[] = [];
  const runs: RunRequest[] = [];
  const surveys: SurveyRequest[] = [];
  let kept = script.stored ?? [];
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
      rotations: stackLanes(request.lanes, SCRIPTED_CONFIG, 8).rotations,
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
    const totalBytes = SCRIPTED_BYTES;
    const steps: readonly LoadProgress[] = [
      ...(script.waits?.(request)
        ? [{ phase: 'waiting', loadedBytes: 0, totalBytes } as const]
        : []),
      ...[0, totalBytes / 2, totalBytes].map(
        (loadedBytes) => ({ phase: 'files', loadedBytes, totalBytes }) as const,
      ),
    ];
    for (const step of steps) {
      await script.tick();
      if (present.cancelled) {
        return { ok: false, error: appError('cancelled', 'Loading was stopped.') };
      }
      onProgress(step);
    }
    const error = script.loadError?.(request);
    if (error !== undefined) return { ok: false, error };
    const model = scriptedModel(request, script.sha256?.(request));
    provider = model.executionProvider;
    return { ok: true, value: model };
  };

  const look = async (
    request: SurveyRequest,
    present: { readonly cancelled: boolean },
  ): Promise<Result<ModelSurvey>> => {
    await script.tick();
    if (present.cancelled) {
      return { ok: false, error: appError('cancelled', 'Looking was stopped.') };
    }
    return script.survey?.(request) ?? { ok: true, value: scriptedSurvey(request.reference) };
  };

  /** One load or survey at a time. */
  const alone = async <T>(
    work: (present: { readonly cancelled: boolean }) => Promise<Result<T>>,
  ): Promise<Result<T>> => {
    if (loading !== null) {
      return { ok: false, error: appError('busy', 'A model is being loaded.') };
    }
    const present = { cancelled: false };
    loading = present;
    const result = await orDeath(work(present));
    loading = null;
    return result;
  };

  const orDeath = <T>(work: Promise<Result<T>>): Promise<Result<T>> =>
    Promise.race([work, death.then((error): Result<T> => ({ ok: false, error }))]);

  /** There are no tensors behind a script. */
  const notCaptured = () =>
    Promise.resolve({ ok: false, error: appError('not-loaded', 'No run was captured.') } as const);

  return {
    loads,
    runs,
    surveys,
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
    survey: (request) => {
      surveys.push(request);
      return alone((present) => look(request, present));
    },
    stored: () => Promise.resolve({ ok: true, value: kept }),
    deleteStored: (key) => {
      kept = kept.filter((model) => model.key !== key);
      return Promise.resolve({ ok: true, value: null });
    },
    load: (request, onProgress) =>
      alone((present) => {
        loads.push(request);
        return read(request, onProgress, present);
      }),
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
