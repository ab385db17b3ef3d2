import { createStore, type StoreApi } from 'zustand/vanilla';
import { type AppError, Failure, type Result, settle } from '../core/errors';
import {
  type Bundle,
  bundleOf,
  formatBundle,
  parseBundle,
  reproOfBundle,
  runOfBundle,
} from '../repro/bundle';
import type { FinishedRun } from '../repro/repro';
import { APP_VERSION } from './appVersion';
import { onEndedRun } from './endedRuns';
import { entryOf, type HistoryEntry } from './historyEntry';
import { readList, withPinned, withRuns } from './historyList';
import type { Playground } from './playground';
import { formatHistory, readRunFiles, type RunFile } from './runFile';
import type { KeptRun, RunStorage } from './runStorage';
import { createSteadyRuns } from './steadyRuns';

/** The run that the one on screen is compared with. */
export interface PinnedRun {
  readonly key: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly run: FinishedRun;
}

/** What came of the last thing that was asked of the history, where its list does not show it. */
export type Notice =
  | {
      readonly of: 'added';
      readonly added: number;
      /** For which there was no room: the history is full of newer ones. */
      readonly left: number;
      readonly unreadable: number;
    }
  | { readonly of: 'failure'; readonly error: AppError };

/** Runs that have ended, on this visit and on earlier ones. */
export interface History {
  /** The newest first; null until they have been read. */
  readonly entries: readonly HistoryEntry[] | null;
  /** How many are left out because nobody can read them. */
  readonly unreadable: number;
  /** Why runs are not kept beyond this visit; null if they are. */
  readonly trouble: AppError | null;
  readonly pinned: PinnedRun | null;
  /** What was deleted last, and can come back. */
  readonly deleted: readonly KeptRun[];
  readonly notice: Notice | null;

  /** Puts a run on screen: it runs again, and is compared with what is kept. */
  readonly open: (key: string) => Promise<void>;
  /** In the place of the one that is pinned; null: none. */
  readonly pin: (key: string | null) => Promise<void>;
  readonly remove: (key: string) => Promise<void>;
  readonly clear: () => Promise<void>;
  readonly undo: () => Promise<void>;
  /** A run’s bundle as a JSON file; null, and a notice, if it cannot be read. */
  readonly jsonOf: (key: string) => Promise<string | null>;
  /** All bundles as one JSON file. */
  readonly exportAll: () => Promise<string>;
  /** Keeps the runs of these files. If it is one run, it opens. */
  readonly openFiles: (files: readonly RunFile[]) => Promise<void>;
  readonly dismiss: () => void;
}

interface World {
  readonly playground: StoreApi<Playground>;
  readonly storage: RunStorage;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** The history keeps by itself every run of the playground that ends with a token. */
export function createHistory({ playground, storage, now = Date.now }: World): StoreApi<History> {
  const history = createStore<History>()((set, get) => {
    const runs = createSteadyRuns(storage, (trouble) => set({ trouble }));
    let reads = 0;
    let pinnedKey: string | undefined;

    const refresh = async (): Promise<void> => {
      const own = ++reads;
      const { entries, unreadable } = readList(await runs.entries());
      if (own !== reads) return;
      set({ entries, unreadable: unreadable.length });
      const entry = entries.find(({ pinned }) => pinned);
      if (entry?.key === pinnedKey) return;
      const pinned = entry === undefined ? null : await pinnedRun(entry);
      if (own !== reads) return;
      pinnedKey = entry?.key;
      set({ pinned });
    };

    const bundleAt = (key: string): Promise<Result<Bundle>> =>
      settle(async () => readBundle((await runs.bundles([key]))[0]));

    const pinnedRun = async ({ key, at }: HistoryEntry): Promise<PinnedRun | null> => {
      const bundle = await bundleAt(key);
      if (bundle.ok) return { key, at, run: runOfBundle(bundle.value) };
      fail(bundle.error);
      return null;
    };

    const fail = (error: AppError): void => set({ notice: { of: 'failure', error } });
    const show = (bundle: Bundle): void => {
      set({ notice: null });
      playground.getState().open(reproOfBundle(bundle));
    };

    /** @returns how many of them are in the history afterwards */
    const keep = async (made: readonly KeptRun[]): Promise<number> => {
      await runs.change((stored) => withRuns(stored, made));
      await refresh();
      const keys = new Set(get().entries?.map(({ key }) => key));
      return made.filter(({ entry }) => keys.has(entry.key)).length;
    };

    const take = async (taken: readonly HistoryEntry[], keys: readonly string[] | 'all') => {
      const bundles = await runs.bundles(taken.map(({ key }) => key));
      await runs.change(() => ({ remove: keys }));
      await refresh();
      const left = new Set(get().entries?.map(({ key }) => key));
      const deleted = taken.flatMap((entry, i) => {
        const bundle = bundles[i];
        return typeof bundle === 'string' && !left.has(entry.key) ? [{ entry, bundle }] : [];
      });
      set({ deleted });
    };

    const entriesNow = () => get().entries ?? [];

    onEndedRun(playground, (run, shown) => {
      const at = now();
      const work = () =>
        keep([keptRun(bundleOf(run, { ...shown, appVersion: APP_VERSION, createdAt: at }), at)]);
      void settle(work).then((done) => {
        if (!done.ok) fail(done.error);
      });
    });
    storage.onChange(() => void refresh());
    void refresh();

    return {
      entries: null,
      unreadable: 0,
      trouble: null,
      pinned: null,
      deleted: [],
      notice: null,

      open: async (key) => {
        const bundle = await bundleAt(key);
        if (bundle.ok) show(bundle.value);
        else fail(bundle.error);
      },
      pin: async (key) => {
        await runs.change((stored) => withPinned(stored, key));
        await refresh();
      },
      remove: async (key) => {
        const entry = entriesNow().find((candidate) => candidate.key === key);
        if (entry !== undefined) await take([entry], [key]);
      },
      clear: () => take(entriesNow(), 'all'),
      undo: async () => {
        const { deleted } = get();
        set({ deleted: [] });
        await keep(deleted);
      },
      jsonOf: async (key) => {
        const bundle = await bundleAt(key);
        if (bundle.ok) return formatBundle(bundle.value);
        fail(bundle.error);
        return null;
      },
      exportAll: async () => {
        const bundles = await Promise.all(entriesNow().map(({ key }) => bundleAt(key)));
        const readable = bundles.flatMap((bundle) => (bundle.ok ? [bundle.value] : []));
        return formatHistory(readable, new Date(now()));
      },
      openFiles: async (files) => {
        const read = await settle(() => readRunFiles(files));
        if (!read.ok) {
          fail(read.error);
          return;
        }
        const { bundles, unreadable } = read.value;
        const latest = now();
        const made = bundles.map((bundle) => keptRun(bundle, Math.min(bundle.createdAt, latest)));
        const added = await keep(made);
        const [only] = bundles;
        if (only !== undefined && made.length === 1 && unreadable === 0) show(only);
        else set({ notice: { of: 'added', added, left: made.length - added, unreadable } });
      },
      dismiss: () => set({ notice: null }),
    };
  });
  return history;
}

function keptRun(bundle: Bundle, at: number): KeptRun {
  const text = formatBundle(bundle);
  const entry = entryOf(runOfBundle(bundle), { at, size: text.length, pinned: false });
  return { entry, bundle: text };
}

/** @throws Failure for anything but the JSON of a bundle */
function readBundle(stored: unknown): Bundle {
  if (typeof stored === 'string') return parseBundle(stored);
  throw new Failure('bundle-invalid', 'The history has an entry for this run, but not the run.');
}
