import type { AppError } from '../core/errors';
import type { Repro, View } from '../repro/repro';
import { sameRun } from './lanes';
import { obstacleTo, type Opening, settingsOf } from './opening';
import type { ModelStatus } from './playground';
import { type Opened, type Origin, recordOf, type Run, type RunOrder } from './run';
import type { RunQueue } from './runQueue';
import { DEFAULT_SETTINGS, type RunSettings, runSettingsOf, sameSettings } from './settings';

/** What can be done with a run that comes from elsewhere: a link, a file, the history. */
export interface OpeningActions {
  /**
   * Sets what makes the run, and makes it as soon as the bundled model is there and has its weights. What comes of it is
   * then compared with what it expects. The visitor's own settings can be brought back.
   *
   * @param from 'file' unless said otherwise
   */
  readonly open: (repro: Repro, from?: Opened['from']) => void;
  /**
   * Makes the run again that was on screen before the page was loaded again. What is set stays: its lanes and its mode,
   * as always, are those that run.
   */
  readonly reopen: (repro: Repro, from: Opened['from']) => void;
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
interface OpeningState {
  readonly settings: RunSettings;
  readonly run: Run;
  readonly model: ModelStatus;
  readonly opening: Opening | null;
  readonly aside: RunSettings | null;
  readonly view: View;
  readonly open: OpeningActions['open'];
}

interface OpeningWorld {
  readonly bundledId: string;
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

  /** @returns whether this page cannot make that run, which is then said */
  const isImpossible = (opened: Opened): boolean => {
    const error = obstacleTo(opened.repro, world.bundledId);
    if (error === null) return false;
    if (get().run.status === 'loading') queue.stop();
    set({ opening: { status: 'impossible', opened, error } });
    return true;
  };

  const run = (order: RunOrder, { view, pinnedStep }: Repro): void => {
    set({ view: view ?? get().view, pinnedStep });
    queue.settle();
    queue.enqueue(order);
  };

  return {
    open: (repro, from = 'file') => {
      const opened = { repro, from };
      const settings = settingsOf(repro);
      // The page cannot show a run without a lane to compare: its settings stay what they are. Nor is the same set again:
      // a lane would lose its pin.
      if (settings.lanes.length > 0 && !sameSettings(get().settings, settings)) {
        if (isUnsaved()) set({ aside: runSettingsOf(get().settings) });
        setSettings(settings);
      }
      if (isImpossible(opened)) return;
      const origin = { by: 'opening', opened, anyWeights: false } as const;
      run({ ...runSettingsOf(get().settings), origin }, repro);
    },
    reopen: (repro, from) => {
      const opened = { repro, from };
      const { settings, open } = get();
      // Nothing was kept, or nothing that matters.
      if (sameSettings(settings, DEFAULT_SETTINGS)) {
        open(repro, from);
        return;
      }
      if (isImpossible(opened)) return;
      const { lanes, mode } = settings;
      const order = { ...settingsOf(repro), lanes, mode };
      const origin: Origin = sameSettings(order, settingsOf(repro))
        ? { by: 'opening', opened, anyWeights: false }
        : { by: 'change' };
      run({ ...order, origin }, repro);
    },
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
    closeOpening: () => set({ opening: null }),
  };
}

function sameLanes(a: RunSettings, b: RunSettings): boolean {
  return a.mode === b.mode && sameRun(a.lanes, b.lanes);
}
