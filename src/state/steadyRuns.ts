import type { AppError } from '../core/errors';
import type { HistoryEntry } from './historyEntry';
import { type Changes, mergeEntries, type RunStorage, storageError, storedKey } from './runStorage';

interface HeldRun {
  readonly entry: HistoryEntry;
  /** Null if storage has it, and refused only the news of its entry. */
  readonly bundle: string | null;
}

/** Why runs are held in memory; null as long as storage takes them. */
export type OnTrouble = (trouble: AppError | null) => void;

/**
 * A storage that never fails: what `storage` refuses is held in memory until it takes it, or until the page is left.
 */
export function createSteadyRuns(storage: RunStorage, onTrouble: OnTrouble): RunStorage {
  const held = new Map<string, HeldRun>();
  let lastRead: readonly unknown[] = [];
  const heldEntries = () => [...held.values()].map(({ entry }) => entry);

  const hold = ({ put = [], entries = [], remove = [] }: Changes) => {
    forget(remove);
    for (const { entry, bundle } of put) held.set(entry.key, { entry, bundle });
    for (const entry of entries) {
      held.set(entry.key, { entry, bundle: held.get(entry.key)?.bundle ?? null });
    }
  };
  const forget = (keys: readonly string[] | 'all') => {
    if (keys === 'all') held.clear();
    else for (const key of keys) held.delete(key);
  };

  /** Once storage takes something again, it may take what it refused. */
  const tryAgain = async () => {
    if (held.size > 0) {
      const runs = [...held.values()];
      await storage.change((stored) => {
        const known = new Set(stored.map(storedKey));
        return {
          put: runs.flatMap(({ entry, bundle }) => (bundle === null ? [] : [{ entry, bundle }])),
          entries: runs.flatMap(({ entry, bundle }) =>
            bundle === null && known.has(entry.key) ? [entry] : [],
          ),
        };
      });
      held.clear();
    }
    onTrouble(null);
  };

  return {
    entries: async () => {
      try {
        lastRead = await storage.entries();
        if (held.size === 0) onTrouble(null);
      } catch (thrown) {
        onTrouble(storageError(thrown));
      }
      return mergeEntries(lastRead, heldEntries());
    },
    bundles: async (keys) => {
      const stored = await storage.bundles(keys).catch(() => []);
      return keys.map((key, i) => held.get(key)?.bundle ?? stored[i]);
    },
    change: async (plan) => {
      let made: Changes = {};
      const planned = (stored: readonly unknown[]) => {
        lastRead = stored;
        made = plan(mergeEntries(stored, heldEntries()));
        const known = new Set(stored.map(storedKey));
        return { ...made, entries: (made.entries ?? []).filter(({ key }) => known.has(key)) };
      };
      try {
        await storage.change(planned);
      } catch (thrown) {
        onTrouble(storageError(thrown));
        hold(plan(mergeEntries(lastRead, heldEntries())));
        return;
      }
      forget(made.remove ?? []);
      for (const { entry } of made.put ?? []) held.delete(entry.key);
      hold({ entries: (made.entries ?? []).filter(({ key }) => held.has(key)) });
      await tryAgain().catch((thrown: unknown) => onTrouble(storageError(thrown)));
    },
    onChange: storage.onChange,
  };
}
