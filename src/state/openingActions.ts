import { type AppError, appError } from '../core/errors';
import type { ModelReference, ModelSurvey } from '../protocol/models';
import type { Repro, View } from '../repro/repro';
import { packingOf } from '../repro/reproModel';
import { sameRun } from './lanes';
import type { ModelActions, ModelState } from './modelActions';
import type { ModelTurns } from './modelTurns';
import { obstacleTo, type Opening, settingsOf } from './opening';
import { type Opened, type Origin, recordOf, type Run, type RunOrder } from './run';
import type { RunQueue } from './runQueue';
import { DEFAULT_SETTINGS, type RunSettings, runSettingsOf, sameSettings } from './settings';
import type { SurveyActions } from './surveyActions';
import { heldAs } from './surveyActions';
import { isLarger, wayToModel } from './wayToModel';

/** What can be done with a run that comes from elsewhere: a link, a file, the history. */
export interface OpeningActions {
  /**
   * Sets what makes the run, and makes it as soon as its model is there. What comes of it is then compared with what it
   * expects. The visitor's own settings can be brought back. A model that is not here is asked about first.
   *
   * @param from 'file' unless said otherwise
   */
  readonly open: (repro: Repro, from?: Opened['from']) => void;
  /**
   * Makes the run again that was on screen before the page was loaded again. What is set stays: its lanes and its mode,
   * as always, are those that run.
   */
  readonly reopen: (repro: Repro, from: Opened['from']) => void;
  /** The visitor wants the model that the page asks about: looks it up, loads it, and makes the run. */
  readonly agree: (files?: Extract<ModelReference, { kind: 'files' }>) => Promise<void>;
  /** Asks about the model of an opened run again. */
  readonly ask: (opened: Opened) => void;
  /** Says why something cannot be opened, and changes nothing else. */
  readonly refuse: (error: AppError) => void;
  /** Makes the run that was opened, with other weights than its own. */
  readonly runAllTheSame: () => void;
  /** Sets what was set before something was opened. */
  readonly bringBack: () => void;
  /** What was set before something was opened is not needed any more. */
  readonly dropAside: () => void;
  /** Takes away what is said about the opening. */
  readonly closeOpening: () => void;
}

/** The part of the page's state that an opening changes. */
interface OpeningState extends Pick<ModelState, 'model' | 'choice' | 'bundled'> {
  readonly settings: RunSettings;
  readonly run: Run;
  readonly opening: Opening | null;
  readonly aside: RunSettings | null;
  readonly view: View;
  readonly open: OpeningActions['open'];
}

interface OpeningWorld {
  readonly turns: ModelTurns;
  readonly choose: ModelActions['choose'];
  readonly loadSurveyed: SurveyActions['loadSurveyed'];
  /** Whether the model is stored here is said with the question. */
  readonly refreshStored: SurveyActions['refreshStored'];
  readonly get: () => OpeningState;
  readonly set: (
    state: Partial<Pick<OpeningState, 'opening' | 'aside' | 'view'>> & {
      readonly pinnedStep?: number | null;
    },
  ) => void;
  /** The lanes' own undo goes with what it would undo. */
  readonly setSettings: (settings: RunSettings) => void;
  readonly queue: Pick<RunQueue, 'enqueue' | 'settle' | 'stop'>;
}

export function openingActions(world: OpeningWorld): OpeningActions {
  const { get, set, setSettings, queue } = world;

  /** Is what the visitor has set to be found nowhere else? */
  const isUnsaved = (): boolean => {
    const { settings, run } = get();
    const shown = recordOf(run)?.settings;
    const known = [DEFAULT_SETTINGS, ...(shown === undefined ? [] : [shown])];
    return known.every((other) => !sameSettings(other, settings));
  };

  /** The page cannot show a run without a lane to compare. Nor is the same set again: a lane would lose its pin. */
  const putSettings = (repro: Repro): void => {
    const settings = settingsOf(repro);
    if (settings.lanes.length === 0 || sameSettings(get().settings, settings)) return;
    if (isUnsaved()) set({ aside: runSettingsOf(get().settings) });
    setSettings(settings);
  };

  /** Nothing is run, and what waits to be run is not. */
  const say = (opening: Opening): void => {
    if (get().run.status === 'loading') queue.stop();
    set({ opening });
  };

  /** @returns whether the run can be made now, or as soon as a model is there that is on its way */
  const reach = (opened: Opened): boolean => {
    const error = obstacleTo(opened.repro);
    if (error !== null) {
      say({ status: 'impossible', opened, error });
      return false;
    }
    const way = wayToModel(opened.repro.model, get());
    if (way.kind === 'ask') {
      void world.refreshStored();
      say({ status: 'question', opened, what: way.question });
      return false;
    }
    if (way.kind === 'switch') void world.choose(way.choice);
    return true;
  };

  const run = (order: RunOrder, { view, pinnedStep }: Repro): void => {
    set({ view: view ?? get().view, pinnedStep });
    queue.settle();
    queue.enqueue(order);
  };

  const runOpened = (opened: Opened): void => {
    const origin = { by: 'opening', opened, anyWeights: false } as const;
    run({ ...runSettingsOf(get().settings), origin }, opened.repro);
  };

  const loadAndRun = (opened: Opened, survey: ModelSurvey): void => {
    putSettings(opened.repro);
    world.loadSurveyed(survey, packingOf(opened.repro.model));
    runOpened(opened);
  };

  return {
    open: (repro, from = 'file') => {
      const opened = { repro, from };
      putSettings(repro);
      if (reach(opened)) runOpened(opened);
    },
    reopen: (repro, from) => {
      const opened = { repro, from };
      const { settings, open } = get();
      // Nothing was kept, or nothing that matters.
      if (sameSettings(settings, DEFAULT_SETTINGS)) {
        open(repro, from);
        return;
      }
      if (!reach(opened)) return;
      const { lanes, mode } = settings;
      const order = { ...settingsOf(repro), lanes, mode };
      const origin: Origin = sameSettings(order, settingsOf(repro))
        ? { by: 'opening', opened, anyWeights: false }
        : { by: 'change' };
      run({ ...order, origin }, repro);
    },
    agree: async (files) => {
      const { opening } = get();
      if (opening?.status !== 'question') return;
      const { opened, what } = opening;
      if (what.kind === 'larger') {
        loadAndRun(opened, what.survey);
        return;
      }
      const reference = what.kind === 'hub' ? what.reference : files;
      if (reference === undefined) return;
      const looking = { status: 'looking', opened } as const;
      set({ opening: looking });
      const isWanted = () => get().opening === looking;
      const result = await world.turns.survey({ isWanted }, { reference });
      if (result === null || !isWanted()) return;
      if (!result.ok) {
        set({ opening: { status: 'impossible', opened, error: result.error } });
        return;
      }
      const { packing = 'keep', bytes } = opened.repro.model;
      const survey = heldAs(result.value, packing);
      const obstacle = survey.packings.find((choice) => choice.packing === packing)?.obstacle;
      if (typeof obstacle === 'string') {
        const error = appError('memory-exceeded', obstacle);
        set({ opening: { status: 'impossible', opened, error } });
      } else if (isLarger(survey, bytes)) {
        set({ opening: { status: 'question', opened, what: { kind: 'larger', survey } } });
      } else {
        loadAndRun(opened, survey);
      }
    },
    ask: (opened) => void reach(opened),
    refuse: (error) => set({ opening: { status: 'refused', error } }),
    runAllTheSame: () => {
      const { opening } = get();
      if (opening?.status !== 'other-weights') return;
      const { opened } = opening;
      const origin = { by: 'opening', opened, anyWeights: true } as const;
      queue.enqueue({ ...settingsOf(opened.repro), origin });
    },
    bringBack: () => {
      const { aside, run, model } = get();
      if (aside === null) return;
      setSettings(aside);
      set({ aside: null });
      if (run.status === 'loading') queue.stop();
      const shown = recordOf(run)?.settings;
      if (shown === undefined || model.status !== 'ready') return;
      // The lanes on screen are those that are set, here as everywhere; a prompt alone waits for Run.
      if (sameLanes(shown, aside)) return;
      queue.enqueue({ ...aside, origin: { by: 'press' } });
    },
    dropAside: () => set({ aside: null }),
    closeOpening: () => {
      if (get().opening?.status === 'looking' && world.turns.going() === 'survey') {
        world.turns.cut();
      }
      set({ opening: null });
    },
  };
}

function sameLanes(a: RunSettings, b: RunSettings): boolean {
  return a.mode === b.mode && sameRun(a.lanes, b.lanes);
}
