import type { Changes, RunStorage } from '../runStorage';

export interface MemoryRuns extends RunStorage {
  /** What every change of these kinds rejects with, until it is null again. */
  refuses: { put?: Error; everything?: Error } | null;
  /** What somebody else has written: anything. */
  readonly entriesByKey: Map<string, unknown>;
  readonly bundlesByKey: Map<string, unknown>;
  /** Somebody else has written. */
  readonly tell: () => void;
}

/** A storage without a browser, which can be told to refuse. */
export function createMemoryRuns(): MemoryRuns {
  const listeners = new Set<() => void>();
  const runs: MemoryRuns = {
    refuses: null,
    entriesByKey: new Map(),
    bundlesByKey: new Map(),
    tell: () => {
      for (const listener of listeners) listener();
    },
    entries: () => {
      if (runs.refuses?.everything) return Promise.reject(runs.refuses.everything);
      return Promise.resolve([...runs.entriesByKey.values()]);
    },
    bundles: (keys) => {
      if (runs.refuses?.everything) return Promise.reject(runs.refuses.everything);
      return Promise.resolve(keys.map((key) => runs.bundlesByKey.get(key)));
    },
    change: (plan) => {
      if (runs.refuses?.everything) return Promise.reject(runs.refuses.everything);
      const changes = plan([...runs.entriesByKey.values()]);
      const writes = (changes.put ?? []).length + (changes.entries ?? []).length > 0;
      if (writes && runs.refuses?.put) return Promise.reject(runs.refuses.put);
      apply(changes);
      return Promise.resolve();
    },
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const apply = ({ put = [], entries = [], remove = [] }: Changes) => {
    const removed = remove === 'all' ? [...runs.entriesByKey.keys()] : remove;
    for (const key of removed) {
      runs.entriesByKey.delete(key);
      runs.bundlesByKey.delete(key);
    }
    for (const { entry, bundle } of put) {
      runs.entriesByKey.set(entry.key, entry);
      runs.bundlesByKey.set(entry.key, bundle);
    }
    for (const entry of entries) runs.entriesByKey.set(entry.key, entry);
  };
  return runs;
}
