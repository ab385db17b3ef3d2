import { createStore, type StoreApi } from 'zustand/vanilla';
import type { EngineApi, RunMode } from '../protocol/engineApi';
import type { InspectionApi } from '../protocol/inspection';
import { type View, VIEWS } from '../repro/repro';
import type { Experiments } from './experiments';
import { type LaneActions, laneActions, type Undo } from './laneActions';
import { type ModelActions, modelActions, type ModelState } from './modelActions';
import { bundledChoice } from './modelChoice';
import { createModelTurns } from './modelTurns';
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
import { keepChoice, keepHub, restoreChoice, restoreHub } from './storedChoice';
import { type SurveyActions, surveyActions, type SurveyState } from './surveyActions';

export interface Playground
  extends LaneActions, OpeningActions, ModelState, ModelActions, SurveyState, SurveyActions {
  /** What the visitor has set now; a run's record has what it was made from. */
  readonly settings: Settings;
  readonly run: Run;
  /** What is to be said of a run that came from elsewhere; null: nothing. */
  readonly opening: Opening | null;
  /** What was set before an opened run took its place, and is nowhere else; null if there is none. */
  readonly aside: RunSettings | null;

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
  /** The model that the page comes with. */
  readonly model: { readonly id: string; readonly location: string };
  /** Asks the browser to keep what this page stores; absent where that cannot be asked. */
  readonly persist?: () => Promise<boolean>;
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
  model: { id, location },
  persist,
  pause = dragPause,
}: World): StoreApi<Playground> {
  const bundled = bundledChoice(id, location);

  const store = createStore<Playground>()((set, get) => {
    const queue = createRunQueue({ engine, get, set, pause });
    const turns = createModelTurns(engine);
    const models = modelActions({
      engine,
      turns,
      queue,
      get,
      set,
      abandon: () => {
        const { run, ask } = get();
        if (run.status !== 'loading') return;
        const { origin } = run.settings;
        queue.stop();
        if (origin.by === 'opening') ask(origin.opened);
      },
      onLoaded: () => {
        // The list is read when somebody looks at it; from then on it is kept right.
        if (get().stored !== null) void get().refreshStored();
      },
    });
    const surveys = surveyActions({ engine, turns, get, set, choose: models.choose, persist });

    const change = (changed: Partial<Settings>): void =>
      set(({ settings }) => ({ settings: { ...settings, ...changed } }));

    return {
      settings: restoreSettings(storage),
      model: { status: 'idle' },
      choice: restoreChoice(storage) ?? bundled,
      bundled,
      former: null,
      remembered: null,
      looking: { status: 'idle' },
      stored: null,
      storedTrouble: null,
      keeping: 'unasked',
      hub: restoreHub(storage),
      run: { status: 'idle' },
      opening: null,
      aside: restoreAside(storage),
      undoable: null,
      pinnedStep: null,
      view: VIEWS[0],

      ...models,
      ...surveys,
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
        turns,
        choose: models.choose,
        loadSurveyed: surveys.loadSurveyed,
        refreshStored: surveys.refreshStored,
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

  store.subscribe((now, before) => {
    const { settings, aside, hub } = now;
    if (settings !== before.settings) keepSettings(storage, settings);
    if (aside !== before.aside) keepAside(storage, aside);
    if (hub !== before.hub) keepHub(storage, hub);
    const [chosen, earlier] = [now, before].map(({ remembered, choice }) => remembered ?? choice);
    if (chosen !== undefined && chosen !== earlier) keepChoice(storage, chosen);
  });
  return store;
}
