import { describe, expect, it } from 'vitest';
import type { AppError } from '../core/errors';
import { entryOf, readEntry } from './historyEntry';
import type { KeptRun } from './runStorage';
import { createSteadyRuns } from './steadyRuns';
import { finishedRun } from './testing/finishedRuns';
import { createMemoryRuns } from './testing/memoryRuns';

const FULL = new DOMException('no room', 'QuotaExceededError');
const FORBIDDEN = new DOMException('not here', 'SecurityError');

function kept(prompt: string): KeptRun {
  const entry = entryOf(finishedRun({ prompt }), { at: 1, size: 9, pinned: false });
  return { entry, bundle: `{"of":"${prompt}"}` };
}

function setUp() {
  const storage = createMemoryRuns();
  const troubles: (AppError | null)[] = [];
  const runs = createSteadyRuns(storage, (trouble) => troubles.push(trouble));
  const prompts = async () => (await runs.entries()).map((entry) => readEntry(entry)?.prompt);
  return { storage, runs, prompts, trouble: () => troubles.at(-1)?.code ?? null };
}

describe('createSteadyRuns', () => {
  it('holds in memory what storage has no room for, and says so', async () => {
    const { storage, runs, prompts, trouble } = setUp();
    const [a, b] = [kept('a'), kept('b')];
    await runs.change(() => ({ put: [a] }));
    expect(trouble()).toBeNull();
    storage.refuses = { put: FULL };
    await runs.change(() => ({ put: [b] }));
    expect(trouble()).toBe('storage-full');
    expect(await prompts()).toEqual(['a', 'b']);
    expect(await runs.bundles([b.entry.key, a.entry.key])).toEqual([b.bundle, a.bundle]);
    expect(storage.entriesByKey.size).toBe(1);
  });

  it('gives storage what it held as soon as that takes something again', async () => {
    const { storage, runs, prompts, trouble } = setUp();
    const [a, b, c] = [kept('a'), kept('b'), kept('c')];
    storage.refuses = { put: FULL };
    await runs.change(() => ({ put: [a] }));
    await runs.change(() => ({ put: [b] }));
    storage.refuses = null;
    await runs.change(() => ({ put: [c] }));
    expect(trouble()).toBeNull();
    expect([...storage.entriesByKey.keys()].sort()).toEqual(
      [a, b, c].map(({ entry }) => entry.key).sort(),
    );
    expect(storage.bundlesByKey.get(a.entry.key)).toBe(a.bundle);
    expect((await prompts()).sort()).toEqual(['a', 'b', 'c']);
  });

  it('deletes where there is room for nothing', async () => {
    const { storage, runs, prompts, trouble } = setUp();
    const [a, b] = [kept('a'), kept('b')];
    await runs.change(() => ({ put: [a] }));
    storage.refuses = { put: FULL };
    await runs.change(() => ({ put: [b] }));
    await runs.change(() => ({ remove: [a.entry.key] }));
    expect(await prompts()).toEqual(['b']);
    expect(trouble()).toBe('storage-full');
    await runs.change(() => ({ remove: 'all' }));
    expect(await prompts()).toEqual([]);
    expect(trouble()).toBeNull();
  });

  it('works from memory alone where storage is forbidden', async () => {
    const { storage, runs, prompts, trouble } = setUp();
    const [a, b] = [kept('a'), kept('b')];
    storage.refuses = { everything: FORBIDDEN };
    expect(await prompts()).toEqual([]);
    expect(trouble()).toBe('storage-unavailable');
    await runs.change(() => ({ put: [a, b] }));
    await runs.change(() => ({ entries: [{ ...b.entry, pinned: true }], remove: [a.entry.key] }));
    expect(await prompts()).toEqual(['b']);
    expect(readEntry((await runs.entries())[0])?.pinned).toBe(true);
    expect(await runs.bundles([b.entry.key])).toEqual([b.bundle]);
    expect(trouble()).toBe('storage-unavailable');
  });

  it('plans a change with what it holds and what is stored', async () => {
    const { storage, runs } = setUp();
    const [a, b] = [kept('a'), kept('b')];
    await runs.change(() => ({ put: [a] }));
    storage.refuses = { put: FULL };
    await runs.change(() => ({ put: [b] }));
    const seen: unknown[][] = [];
    await runs.change((entries) => {
      seen.push(entries.map((entry) => readEntry(entry)?.prompt));
      return {};
    });
    expect(seen[0]).toEqual(['a', 'b']);
  });

  it('pins a stored run even where the pin cannot be stored', async () => {
    const { storage, runs } = setUp();
    const a = kept('a');
    await runs.change(() => ({ put: [a] }));
    storage.refuses = { put: FULL };
    await runs.change(() => ({ entries: [{ ...a.entry, pinned: true }] }));
    expect((await runs.entries()).map((entry) => readEntry(entry)?.pinned)).toEqual([true]);
    expect(await runs.bundles([a.entry.key])).toEqual([a.bundle]);
  });
});
