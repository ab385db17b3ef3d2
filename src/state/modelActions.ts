import type { AppError } from '../core/errors';
import type { EngineApi, LoadedModel, LoadProgress } from '../protocol/engineApi';
import { isStoredAs, type ModelChoice, sameChoice } from './modelChoice';
import type { ModelTurns } from './modelTurns';
import type { Run } from './run';
import type { RunQueue } from './runQueue';
import type { ExecutionProviderChoice } from './settings';

export type ModelStatus =
  | { readonly status: 'idle' }
  | { readonly status: 'loading'; readonly progress: LoadProgress | null }
  | { readonly status: 'ready'; readonly model: LoadedModel }
  | { readonly status: 'failed'; readonly error: AppError };

export interface ModelState {
  readonly model: ModelStatus;
  /** Which model that is, or is to be. */
  readonly choice: ModelChoice;
  /** The model that the page comes with. */
  readonly bundled: ModelChoice;
  /** What was loaded before a load of another model that has not succeeded: the way back. */
  readonly former: ModelChoice | null;
  /** A model of an earlier visit that is not all stored here: it is asked for again. */
  readonly remembered: ModelChoice | null;
}

export interface ModelActions {
  /** Loads the model of the last visit if it is all stored here, or the bundled one: nothing of another origin is asked. */
  readonly begin: () => Promise<void>;
  /** Loads the model, or loads it again. A run that waits for it then starts. */
  readonly load: () => Promise<void>;
  /** Loads another model in its place. */
  readonly choose: (choice: ModelChoice) => Promise<void>;
  /** Stops the load that is going on, and goes back to what was there before. A run that waits for it is not made. */
  readonly cancelLoad: () => void;
  /** Loads what was there before, or the bundled model. */
  readonly goBack: () => Promise<void>;
  readonly forgetRemembered: () => void;
}

interface ModelWorld {
  readonly engine: Pick<EngineApi, 'stored'>;
  readonly turns: ModelTurns;
  readonly queue: RunQueue;
  readonly get: () => ModelState & {
    readonly run: Run;
    readonly settings: { readonly executionProvider: ExecutionProviderChoice };
  };
  readonly set: (state: Partial<ModelState & { readonly run: Run }>) => void;
  /** The model that a waiting run waits for will not come by itself. */
  readonly abandon: () => void;
  /** Another model is there, or something has become of what is stored. */
  readonly onLoaded: () => void;
}

/** One model at a time; of those that are asked for, the last one counts. */
export function modelActions(world: ModelWorld): ModelActions {
  const { engine, turns, queue, get, set } = world;
  let loads = 0;

  /** What is on screen stays meanwhile. */
  const loadChoice = async (choice: ModelChoice): Promise<void> => {
    const loadId = ++loads;
    const isWanted = () => loadId === loads;
    const before = get();
    turns.cut();
    if (before.run.status === 'running') queue.stop();
    const former = before.model.status === 'ready' ? before.choice : before.former;
    set({
      model: { status: 'loading', progress: null },
      choice,
      former: former === null || sameChoice(former, choice) ? null : former,
    });
    const free = () => Promise.all([queue.answered(), queue.experiments.giveWay()]);
    const request = () => {
      const { id, reference, packing } = choice;
      const { executionProvider } = get().settings;
      return { id, reference, executionProvider, ...(packing !== null && { packing }) };
    };
    const result = await turns.load({ isWanted, free }, request, (progress) => {
      if (!isWanted() || get().model.status !== 'loading') return;
      set({ model: { status: 'loading', progress } });
    });
    if (result === null || !isWanted()) return;
    const { run } = get();
    if (result.ok) {
      const { packing } = result.value;
      set({
        model: { status: 'ready', model: result.value },
        choice: choice.packing === packing ? choice : { ...choice, packing },
        former: null,
        // The bundled one is no answer to the question whether the other is wanted again.
        ...(!sameChoice(choice, before.bundled) && { remembered: null }),
      });
      if (run.status === 'loading') queue.enqueue(run.settings);
    } else {
      const { error } = result;
      set({ model: { status: 'failed', error } });
      if (run.status === 'loading') set({ run: { ...run, status: 'failed', error } });
    }
    world.onLoaded();
  };

  const goBack = () => {
    const { former, bundled } = get();
    return loadChoice(former ?? bundled);
  };

  return {
    begin: async () => {
      const { choice, bundled } = get();
      if (sameChoice(choice, bundled)) return loadChoice(bundled);
      const loadId = ++loads;
      set({ model: { status: 'loading', progress: null } });
      const stored = await engine.stored();
      if (loadId !== loads) return;
      if (stored.ok && stored.value.some((kept) => kept.complete && isStoredAs(choice, kept))) {
        return loadChoice(choice);
      }
      set({ remembered: choice, choice: bundled });
      world.abandon();
      return loadChoice(bundled);
    },
    load: () => loadChoice(get().choice),
    choose: loadChoice,
    cancelLoad: () => {
      const { model, run } = get();
      if (model.status !== 'loading') return;
      if (run.status === 'loading') queue.stop();
      void goBack();
    },
    goBack,
    forgetRemembered: () => set({ remembered: null }),
  };
}
