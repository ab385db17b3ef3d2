import { type AppError, appError, Failure, toAppError } from '../core/errors';
import type { HistoryEntry } from './historyEntry';

/** A run as it is kept: what the list shows of it, and its bundle as JSON. */
export interface KeptRun {
  readonly entry: HistoryEntry;
  readonly bundle: string;
}

export interface Changes {
  /** Added, or in the place of those with the same keys. */
  readonly put?: readonly KeptRun[];
  /** News of runs that are kept; their bundles stay. */
  readonly entries?: readonly HistoryEntry[];
  /** By key; done before anything is put. */
  readonly remove?: readonly string[] | 'all';
}

/**
 * Where runs are kept. What it gives back may have been written by anybody: `readEntry` and `parseBundle` say what it is
 * worth. Rejects with what the browser threw; nothing of a change has then been done.
 */
export interface RunStorage {
  readonly entries: () => Promise<readonly unknown[]>;
  /** The bundles of these runs; undefined for one that is not there. */
  readonly bundles: (keys: readonly string[]) => Promise<readonly unknown[]>;
  /** Reads the entries, asks what to change, and changes it, before anybody else writes. */
  readonly change: (plan: (entries: readonly unknown[]) => Changes) => Promise<void>;
  /** Tells when somebody else has written: another tab. */
  readonly onChange: (listener: () => void) => () => void;
}

/** Why runs are not kept, from what the browser threw. */
export function storageError(thrown: unknown): AppError {
  if (thrown instanceof Failure) return toAppError(thrown);
  const { name, message } =
    thrown instanceof Error ? thrown : { name: 'Error', message: String(thrown) };
  if (name === 'QuotaExceededError') {
    return appError('storage-full', 'The browser’s storage for this page is full.');
  }
  if (name === 'VersionError') {
    return appError(
      'storage-unavailable',
      'A newer version of this page has taken over the history: load the page again.',
    );
  }
  const detail = [name, message].filter((part) => part !== '').join(': ');
  return appError(
    'storage-unavailable',
    `The browser does not let this page keep runs (${detail}).`,
  );
}

/** By key: later ones take the place of earlier ones. What has no key stays beside them. */
export function mergeEntries(
  stored: readonly unknown[],
  held: readonly HistoryEntry[],
): readonly unknown[] {
  const keys = new Set(held.map(({ key }) => key));
  return [...stored.filter((entry) => !keys.has(storedKey(entry) ?? '')), ...held];
}

/** The key of what is stored, even if nothing else of it can be read. */
export function storedKey(stored: unknown): string | null {
  const key =
    typeof stored === 'object' && stored !== null && 'key' in stored ? stored.key : undefined;
  return typeof key === 'string' ? key : null;
}
