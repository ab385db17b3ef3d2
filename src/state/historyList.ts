import { FAULTS } from '../core/faults';
import { formatFault } from '../core/faultText';
import { GUARDS } from '../core/guards';
import { type HistoryEntry, readEntry } from './historyEntry';
import { type Changes, type KeptRun, storedKey } from './runStorage';

/** More than anybody looks through, and little enough to be read in one go. */
export const MOST_RUNS = 100;

/**
 * Characters of all bundles together. A token has about 560: a hundred runs of two lanes with 32 tokens have 4 million, and
 * one of eight lanes with 192 tokens has 0.9.
 */
export const MOST_CHARACTERS = 16_000_000;

export interface HistoryList {
  /** The newest first. */
  readonly entries: readonly HistoryEntry[];
  /** Keys of what cannot be read, where it has one. */
  readonly unreadable: readonly (string | null)[];
}

/** What of the stored entries can be read. */
export function readList(stored: readonly unknown[]): HistoryList {
  const entries: HistoryEntry[] = [];
  const unreadable: (string | null)[] = [];
  for (const candidate of stored) {
    const entry = readEntry(candidate);
    if (entry === null) unreadable.push(storedKey(candidate));
    else entries.push(entry);
  }
  return { entries: newestFirst(entries), unreadable };
}

function newestFirst(entries: readonly HistoryEntry[]): readonly HistoryEntry[] {
  return entries.toSorted((a, b) => b.at - a.at);
}

/**
 * What keeping these runs changes: one that is there already moves to its new time, and the oldest go if there are too
 * many. The pinned one stays as it was when it was pinned, whatever runs with the same ids.
 */
export function withRuns(stored: readonly unknown[], runs: readonly KeptRun[]): Changes {
  const list = readList(stored);
  const known = new Map(list.entries.map((entry) => [entry.key, entry]));
  const pinned = list.entries.find((entry) => entry.pinned);
  const put = new Map<string, KeptRun>();
  const news = new Map<string, HistoryEntry>();
  for (const { entry, bundle } of runs) {
    const at = Math.max(entry.at, known.get(entry.key)?.at ?? entry.at);
    // One that was deleted while it was pinned comes back so only if no other is pinned now.
    const own = { ...entry, at, pinned: entry.pinned && pinned === undefined };
    if (entry.key === pinned?.key) news.set(entry.key, { ...pinned, at });
    else put.set(entry.key, { entry: own, bundle });
  }
  const changed = [...[...put.values()].map(({ entry }) => entry), ...news.values()];
  const kept = list.entries.filter(({ key }) => !put.has(key) && !news.has(key));
  const entries = newestFirst([...kept, ...changed]);
  const remove = beyondBounds({ entries, unreadable: list.unreadable });
  const gone = new Set(remove);
  return {
    put: [...put.values()].filter(({ entry }) => !gone.has(entry.key)),
    entries: [...news.values()],
    remove,
  };
}

/** What pinning this run changes; null: none is pinned any more. */
export function withPinned(stored: readonly unknown[], key: string | null): Changes {
  const { entries } = readList(stored);
  return {
    entries: entries
      .filter((entry) => entry.pinned !== (entry.key === key))
      .map((entry) => ({ ...entry, pinned: entry.key === key })),
  };
}

/** Keys of the runs that must go: those that cannot be read, then the oldest that are not pinned. */
export function beyondBounds({ entries, unreadable }: HistoryList): readonly string[] {
  let runs = entries.length + unreadable.length;
  let characters = entries.reduce((sum, { size }) => sum + size, 0);
  const goes: string[] = [];
  for (const key of unreadable) {
    if (runs <= MOST_RUNS) break;
    if (key === null) continue;
    goes.push(key);
    runs--;
  }
  for (const { key, size, pinned } of entries.toReversed()) {
    if (runs <= MOST_RUNS && characters <= MOST_CHARACTERS) break;
    if (pinned) continue;
    goes.push(key);
    runs--;
    characters -= size;
  }
  return goes;
}

/** Entries that contain every word of the query: in the prompt, in a lane’s name, fault or guard, or in the model’s. */
export function matching(entries: readonly HistoryEntry[], query: string): readonly HistoryEntry[] {
  const words = folded(query).split(/\s+/).filter(Boolean);
  if (words.length === 0) return entries;
  return entries.filter((entry) => {
    const text = folded(searchText(entry));
    return words.every((word) => text.includes(word));
  });
}

function searchText({ prompt, lanes, model, mode, executionProvider }: HistoryEntry): string {
  const ofLanes = lanes.flatMap(({ name, fault, guard }) => [
    name,
    FAULTS[fault.kind].label,
    formatFault(fault),
    ...(guard === 'none' ? [] : [GUARDS[guard].label, guard]),
  ]);
  return [prompt, ...ofLanes, model.id, model.sha256, mode, executionProvider].join('\n');
}

function folded(text: string): string {
  return text.normalize('NFKC').toLowerCase();
}
