import { type DBSchema, type IDBPDatabase, openDB } from 'idb';
import { Failure } from '../core/errors';
import type { HistoryEntry } from './historyEntry';
import type { RunStorage } from './runStorage';

/** Entries and bundles apart, so that the list is read without the runs. */
interface RunSchema extends DBSchema {
  entries: { key: string; value: HistoryEntry };
  bundles: { key: string; value: string };
}

type Database = IDBPDatabase<RunSchema>;

export const DATABASE_NAME = 'rope-collapse-playground';
const VERSION = 1;
const BOTH = ['entries', 'bundles'] as const;

/**
 * Runs in IndexedDB. The database is opened when it is first used, and let go when another tab brings a newer version of
 * it; nothing waits for a tab that does not let go of an older one.
 *
 * @param world the tests choose a version; the page does not
 */
export function createIndexedRuns({ version = VERSION }: { version?: number } = {}): RunStorage {
  const listeners = new Set<() => void>();
  const channel = new BroadcastChannel(DATABASE_NAME);
  const tell = () => {
    for (const listener of listeners) listener();
  };
  channel.addEventListener('message', tell);

  let database: Promise<Database> | null = null;

  const connect = (): Promise<Database> => {
    const forget = () => (database = null);
    return new Promise((resolve, reject) => {
      let refused = false;
      const blocked = () => {
        refused = true;
        const message = 'Another tab holds the history of an older version of this page: close it.';
        reject(new Failure('storage-unavailable', message));
      };
      openDatabase(version, { forget, blocked }).then(
        (opened) => {
          resolve(opened);
          if (!refused) return;
          // The other tab has let go at last.
          database = Promise.resolve(opened);
          tell();
        },
        (thrown: unknown) => {
          forget();
          reject(thrown instanceof Error ? thrown : new Error(String(thrown)));
        },
      );
    });
  };

  const open = () => (database ??= connect());

  return {
    entries: async () => (await open()).getAll('entries'),
    bundles: async (keys) => {
      const { store } = (await open()).transaction('bundles');
      return Promise.all(keys.map((key) => store.get(key)));
    },
    change: async (plan) => {
      const transaction = (await open()).transaction(BOTH, 'readwrite');
      const entries = transaction.objectStore('entries');
      const bundles = transaction.objectStore('bundles');
      // What becomes of a request is what becomes of the transaction, which `done` tells.
      const send = (request: Promise<unknown>) => void request.catch(() => undefined);
      try {
        const { put = [], entries: news = [], remove = [] } = plan(await entries.getAll());
        for (const store of [entries, bundles]) {
          if (remove === 'all') send(store.clear());
          else for (const key of remove) send(store.delete(key));
        }
        for (const { entry, bundle } of put) {
          send(entries.put(entry));
          send(bundles.put(bundle, entry.key));
        }
        for (const entry of news) send(entries.put(entry));
      } catch (thrown) {
        // What it was about to do is not done by half.
        send(transaction.done);
        transaction.abort();
        throw thrown;
      }
      await transaction.done;
      channel.postMessage('changed');
    },
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** Async, so that a browser in which even naming `indexedDB` throws rejects like any other. */
async function openDatabase(
  version: number,
  { forget, blocked }: { readonly forget: () => void; readonly blocked: () => void },
): Promise<Database> {
  const opened = await openDB<RunSchema>(DATABASE_NAME, version, {
    upgrade: (database, oldVersion) => {
      if (oldVersion < 1) {
        database.createObjectStore('entries', { keyPath: 'key' });
        database.createObjectStore('bundles');
      }
    },
    blocked,
    blocking: () => {
      forget();
      opened.close();
    },
    terminated: forget,
  });
  return opened;
}
