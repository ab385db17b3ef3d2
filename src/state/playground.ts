import { createStore, type StoreApi } from 'zustand/vanilla';
import type { AppError } from '../core/errors';
import type { EngineApi, LoadedModel, LoadProgress, RunMode } from '../protocol/engineApi';
import type { InspectionApi } from '../protocol/inspection';
import { type View, VIEWS } from '../repro/repro';
import type { Experiments } from './experiments';
import { type LaneActions, laneActions, type Undo } from './laneActions';
import { type Opening, originOfPress } from './opening';
import { type OpeningActions, openingActions } from './openingActions';
import { type Run, withName } from './run';
import { createRunQueue } from './runQueue';
import {
  type ExecutionProviderChoice,
  type RunSettings,
  runSettingsOf,
  type Settings,
} from './settings';
import {
  keepAside,
  keepSettings,
  restoreAside,
  restoreSettings,
  type SettingsStorage,
} from './storedSettings';

export type ModelStatus =
  | { readonly status: 'idle' }
  | { readonly status: 'loading'; readonly progress: LoadProgress | null }
  | { readonly status: 'ready'; readonly model: LoadedModel }
  | { readonly status: 'failed'; readonly error: AppError };

export interface Playground extends LaneActions, OpeningActions {
  /** What the visitor has set now; a run's record has what it was made from. */
  readonly settings: Settings;
  readonly model: ModelStatus;
  readonly run: Run;
  /** What is to be said of a run that came from elsewhere; null: nothing. */
  readonly opening: Opening | null;
  /** What was set before an opened run took its place, and is nowhere else; null if there is none. */
  readonly aside: RunSettings | null;

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
  /** Which of the views is shown. */
  readonly view: View;
  readonly setView: (view: View) => void;
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

/** The page's state and what a visitor can do to it. The worker and its tensors stay outside. */
export function createPlayground({
  engine,
  storage,
  model,
  pause = dragPause,
}: World): StoreApi<Playground> {
  let loads = 0;
  /** Settles, never rejects, when the engine has answered its last load. */
  let answeredLoad: Promise<unknown> = Promise.resolve();

  const store = createStore<Playground>()((set, get) => {
    const queue = createRunQueue({ engine, get, set, pause });

    const change = (changed: Partial<Settings>): void =>
      set(({ settings }) => ({ settings: { ...settings, ...changed } }));

    return {
      settings: restoreSettings(storage),
      model: { status: 'idle' },
      run: { status: 'idle' },
      opening: null,
      aside: restoreAside(storage),
      undoable: null,
      pinnedStep: null,
      view: VIEWS[0],

      load: async () => {
        const loadId = ++loads;
        if (get().model.status === 'loading') void engine.cancelLoad();
        if (get().run.status === 'running') queue.stop();
        set({ model: { status: 'loading', progress: null } });
        await Promise.all([queue.answered(), answeredLoad, queue.experiments.giveWay()]);
        if (loadId !== loads) return;
        const { id, location } = model;
        const { executionProvider } = get().settings;
        const reference = { kind: 'directory', location } as const;
        const request = { id, reference, executionProvider };
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
          if (run.status === 'loading') queue.enqueue(run.settings);
        } else {
          const { error } = result;
          set({ model: { status: 'failed', error } });
          if (run.status === 'loading') set({ run: { ...run, status: 'failed', error } });
        }
      },
      start: () => {
        const { settings, opening } = get();
        set({ pinnedStep: null });
        queue.settle();
        queue.enqueue({ ...runSettingsOf(settings), origin: originOfPress(opening, settings) });
      },
      stop: queue.stop,
      pinStep: (pinnedStep) => set({ pinnedStep }),
      setView: (view) => set({ view }),
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
        rerun: queue.rerun,
        rerunWhenStill: () => void queue.rerunWhenStill(),
      }),
      ...openingActions({
        bundledId: model.id,
        get,
        set,
        setSettings: (settings) => {
          change(settings);
          set({ undoable: null });
        },
        queue,
      }),
      setMode: (mode) => {
        if (mode === get().settings.mode) return;
        change({ mode });
        queue.rerun();
      },
      experiment: queue.experiments.run,
      inspection: engine,
      setExecutionProvider: (executionProvider) => {
        change({ executionProvider });
        void get().load();
      },
    };
  });

  store.subscribe(({ settings, aside }, before) => {
    if (settings !== before.settings) keepSettings(storage, settings);
    if (aside !== before.aside) keepAside(storage, aside);
  });
  return store;
}
