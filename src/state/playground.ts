import { createStore, type StoreApi } from 'zustand/vanilla';
import { type AppError, appError, type ErrorCode } from '../core/errors';
import type {
  EngineApi,
  LoadedModel,
  LoadProgress,
  RunMode,
  RunRequest,
} from '../protocol/engineApi';
import type { InspectionApi } from '../protocol/inspection';
import { type LaneActions, laneActions, type Undo } from './laneActions';
import { createExperiments, type Experiments } from './experiments';
import { hasStarted, newRecord, recordOf, type Run, withEvent, withName, withSummary } from './run';
import {
  type ExecutionProviderChoice,
  type RunSettings,
  runSettingsOf,
  type Settings,
} from './settings';
import { keepSettings, restoreSettings, type SettingsStorage } from './storedSettings';

export type ModelStatus =
  | { readonly status: 'idle' }
  | { readonly status: 'loading'; readonly progress: LoadProgress | null }
  | { readonly status: 'ready'; readonly model: LoadedModel }
  | { readonly status: 'failed'; readonly error: AppError };

export interface Playground extends LaneActions {
  /** What the visitor has set now; a run's record has what it was made from. */
  readonly settings: Settings;
  readonly model: ModelStatus;
  readonly run: Run;

  /** Loads the model, or loads it again. A run that waits for it then starts. */
  readonly load: () => Promise<void>;
  /** Runs what is set. Waits for the model if need be, and for a run that is going on to stop. */
  readonly start: () => void;
  /** Asks the engine to stop; 'stopping' lasts until it confirms. */
  readonly stop: () => void;
  readonly setPrompt: (prompt: string) => void;
  readonly setMaxNewTokens: (maxNewTokens: number) => void;
  /** Runs the prompt on screen again, if there is one. */
  readonly setMode: (mode: RunMode) => void;
  readonly undoable: Undo | null;
  /** The step that strips and views show; null: each chooses its own. Goes with a press of Run. */
  readonly pinnedStep: number | null;
  readonly pinStep: (step: number | null) => void;
  /**
   * Runs lanes aside from the run on screen, for an experiment of a view. Waits for the run that is going on; is
   * cancelled by the next one.
   */
  readonly experiment: Experiments['run'];
  /** What can be asked of runs that have ended. The answers stay outside the store. */
  readonly inspection: InspectionApi;
  /** Loads the model again. */
  readonly setExecutionProvider: (executionProvider: ExecutionProviderChoice) => void;
}

interface World {
  readonly engine: EngineApi;
  readonly storage: SettingsStorage;
  readonly model: { readonly id: string; readonly location: string };
  /** Resolves when a parameter that was set may be taken to stand still. */
  readonly pause?: () => Promise<void>;
}

/** Longer than from one event of a drag to the next, short enough to feel at once. */
const DRAG_MS = 120;
const dragPause = () => new Promise<void>((resume) => setTimeout(resume, DRAG_MS));

/** How many of the highest logits a run asks for at each step. */
export const TOP_K = 10;

/** After these errors the engine has no model any more. */
const MODEL_IS_GONE: ReadonlySet<ErrorCode> = new Set([
  'worker-crashed',
  'device-lost',
  'not-loaded',
]);

/** The page's state and what a visitor can do to it. The worker and its tensors stay outside. */
export function createPlayground({
  engine,
  storage,
  model,
  pause = dragPause,
}: World): StoreApi<Playground> {
  let loads = 0;
  let runs = 0;
  /** Counts what ends a drag's wait, so that only the last value of one runs. */
  let drag = 0;
  /** Each settles, never rejects, when the engine has answered its last run, its last load. */
  let answeredRun: Promise<unknown> = Promise.resolve();
  let answeredLoad: Promise<unknown> = Promise.resolve();
  const experiments = createExperiments(
    engine,
    () => ++runs,
    () => answeredRun,
  );

  const store = createStore<Playground>()((set, get) => {
    const execute = async (settings: RunSettings, loaded: LoadedModel): Promise<void> => {
      const before = recordOf(get().run);
      const runId = ++runs;
      const record = newRecord(runId, settings, loaded);
      set({ run: { status: 'running', record } });
      await experiments.giveWay();
      const request: RunRequest = {
        runId,
        prompt: settings.prompt,
        lanes: record.lanes.map(({ spec: { fault, guard } }) => ({ fault, guard })),
        maxNewTokens: settings.maxNewTokens,
        mode: settings.mode,
        topK: TOP_K,
      };
      const result = await engine.run(request, (event) => {
        set(({ run }) => {
          const shown = recordOf(run);
          if (shown?.runId !== event.runId || run.status === 'idle') return {};
          return { run: { ...run, record: withEvent(shown, event) } };
        });
      });
      const { run } = get();
      const next = run.status === 'stopping' ? run.next : null;
      const reached = recordOf(run) ?? record;
      if (result.ok) {
        set({ run: { status: 'done', record: withSummary(reached, result.value) } });
      } else {
        const { error } = result;
        // A prompt that was refused leaves the last run on screen.
        const shown = hasStarted(reached) ? reached : before;
        set({ run: { status: 'failed', error, settings, record: shown } });
        if (MODEL_IS_GONE.has(error.code)) set({ model: { status: 'failed', error } });
      }
      if (next !== null) enqueue(next);
    };

    /** Runs these settings as soon as the model and the run before let it. */
    const enqueue = (settings: RunSettings): void => {
      const { model, run } = get();
      if (settings.prompt.trim() === '') {
        const error = appError('prompt-empty', 'The prompt is empty.');
        set({ run: { status: 'failed', error, settings, record: recordOf(run) } });
        return;
      }
      if (run.status === 'running' || run.status === 'stopping') {
        set({ run: { status: 'stopping', record: run.record, next: settings } });
        void engine.cancel(run.record.runId);
        return;
      }
      if (model.status === 'ready') {
        answeredRun = execute(settings, model.model);
        return;
      }
      set({ run: { status: 'loading', settings, record: recordOf(run) } });
      if (model.status !== 'loading') void get().load();
    };

    /** What is on screen, with the lanes and the mode that are set now. */
    const rerun = (): void => {
      drag++;
      const { run, settings, model } = get();
      const { lanes, mode } = settings;
      if (run.status === 'loading') {
        set({ run: { ...run, settings: { ...run.settings, lanes, mode } } });
        return;
      }
      const waiting = run.status === 'stopping' ? run.next : null;
      const shown = waiting ?? recordOf(run)?.settings;
      if (shown !== undefined && model.status === 'ready') enqueue({ ...shown, lanes, mode });
    };

    const rerunWhenStill = async (): Promise<void> => {
      const own = ++drag;
      await pause();
      if (own === drag) rerun();
    };

    const change = (changed: Partial<Settings>): void =>
      set(({ settings }) => ({ settings: { ...settings, ...changed } }));

    return {
      settings: restoreSettings(storage),
      model: { status: 'idle' },
      run: { status: 'idle' },
      undoable: null,
      pinnedStep: null,

      load: async () => {
        const loadId = ++loads;
        if (get().model.status === 'loading') void engine.cancelLoad();
        if (get().run.status === 'running') get().stop();
        set({ model: { status: 'loading', progress: null } });
        await Promise.all([answeredRun, answeredLoad, experiments.giveWay()]);
        if (loadId !== loads) return;
        const request = { ...model, executionProvider: get().settings.executionProvider };
        const answer = engine.load(request, (progress) => {
          if (loadId !== loads || get().model.status !== 'loading') return;
          set({ model: { status: 'loading', progress } });
        });
        answeredLoad = answer;
        const result = await answer;
        if (loadId !== loads) return;
        const { run } = get();
        if (result.ok) {
          set({ model: { status: 'ready', model: result.value } });
          if (run.status === 'loading') enqueue(run.settings);
        } else {
          const { error } = result;
          set({ model: { status: 'failed', error } });
          if (run.status === 'loading') set({ run: { ...run, status: 'failed', error } });
        }
      },
      start: () => {
        drag++;
        set({ pinnedStep: null });
        enqueue(runSettingsOf(get().settings));
      },
      stop: () => {
        drag++;
        const { run } = get();
        if (run.status === 'loading') {
          const { record } = run;
          set({ run: record === null ? { status: 'idle' } : { status: 'done', record } });
        } else if (run.status === 'running' || run.status === 'stopping') {
          set({ run: { status: 'stopping', record: run.record, next: null } });
          void engine.cancel(run.record.runId);
        }
      },
      pinStep: (pinnedStep) => set({ pinnedStep }),
      setPrompt: (prompt) => change({ prompt }),
      setMaxNewTokens: (maxNewTokens) => change({ maxNewTokens }),
      ...laneActions({
        lanes: () => get().settings.lanes,
        undoable: () => get().undoable,
        set: (lanes, undoable) => {
          change({ lanes });
          set({ undoable });
        },
        tellName: (named) => set(({ run }) => ({ run: withName(run, named) })),
        rerun,
        rerunWhenStill: () => void rerunWhenStill(),
      }),
      setMode: (mode) => {
        if (mode === get().settings.mode) return;
        change({ mode });
        rerun();
      },
      experiment: experiments.run,
      inspection: engine,
      setExecutionProvider: (executionProvider) => {
        change({ executionProvider });
        void get().load();
      },
    };
  });

  store.subscribe(({ settings }, before) => {
    if (settings !== before.settings) keepSettings(storage, settings);
  });
  return store;
}
