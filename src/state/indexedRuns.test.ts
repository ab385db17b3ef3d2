import { IDBFactory, IDBObjectStore } from 'fake-indexeddb';
import 'fake-indexeddb/auto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { entryOf, readEntry } from './historyEntry';
import { createIndexedRuns, DATABASE_NAME } from './indexedRuns';
import { type KeptRun, storageError } from './runStorage';
import { finishedRun } from './testing/finishedRuns';

function kept(prompt: string, bundle = `{"of":"${prompt}"}`): KeptRun {
  const entry = entryOf(finishedRun({ prompt }), { at: 1, size: 9, pinned: false });
  return { entry, bundle };
}

const prompts = (entries: readonly unknown[]) => entries.map((entry) => readEntry(entry)?.prompt);

/** A database that somebody else has opened, and who lets go of it only if told to. */
function openedBy(version: number, letsGo: boolean): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE_NAME, version);
    request.onsuccess = () => {
      const database = request.result;
      if (letsGo) database.onversionchange = () => database.close();
      resolve(database);
    };
    request.onerror = () => reject(new Error('not opened'));
  });
}

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory();
});
afterEach(() => {
  vi.restoreAllMocks();
});

describe('createIndexedRuns', () => {
  it('keeps runs with their bundles, for whoever opens it next', async () => {
    const [a, b] = [kept('a'), kept('b')];
    await createIndexedRuns().change(() => ({ put: [a, b] }));
    const next = createIndexedRuns();
    expect(prompts(await next.entries()).sort()).toEqual(['a', 'b']);
    expect(await next.bundles([b.entry.key, 'none', a.entry.key])).toEqual([
      b.bundle,
      undefined,
      a.bundle,
    ]);
  });

  it('shows a change the entries that are there, and removes what it says', async () => {
    const runs = createIndexedRuns();
    const [a, b, c] = [kept('a'), kept('b'), kept('c')];
    await runs.change(() => ({ put: [a, b] }));
    await runs.change((entries) => {
      expect(entries).toHaveLength(2);
      return { remove: [a.entry.key], put: [c], entries: [{ ...b.entry, pinned: true }] };
    });
    const entries = (await runs.entries()).map(readEntry);
    expect(entries.map((entry) => [entry?.prompt, entry?.pinned]).sort()).toEqual([
      ['b', true],
      ['c', false],
    ]);
    expect(await runs.bundles([a.entry.key, b.entry.key])).toEqual([undefined, b.bundle]);
    await runs.change(() => ({ remove: 'all' }));
    expect(await runs.entries()).toEqual([]);
    expect(await runs.bundles([b.entry.key])).toEqual([undefined]);
  });

  it('does nothing of a change for which there is no room', async () => {
    const runs = createIndexedRuns();
    const [a, b] = [kept('a'), kept('b')];
    await runs.change(() => ({ put: [a] }));
    const put = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => {
      throw new DOMException('no room', 'QuotaExceededError');
    });
    const change = runs.change(() => ({ remove: [a.entry.key], put: [b] }));
    const thrown: unknown = await change.catch((error: unknown) => error);
    expect(storageError(thrown).code).toBe('storage-full');
    put.mockRestore();
    expect(prompts(await runs.entries())).toEqual(['a']);
    expect(await runs.bundles([a.entry.key])).toEqual([a.bundle]);
  });

  it('does nothing of a change that cannot be planned', async () => {
    const runs = createIndexedRuns();
    const failing = runs.change(() => {
      throw new Error('no plan');
    });
    await expect(failing).rejects.toThrow('no plan');
    await runs.change(() => ({ put: [kept('a')] }));
    expect(await runs.entries()).toHaveLength(1);
  });

  it('tells other tabs of a change, and not the tab that made it', async () => {
    const [here, there] = [createIndexedRuns(), createIndexedRuns()];
    const told = { here: 0, there: 0 };
    here.onChange(() => told.here++);
    const heard = new Promise<void>((resolve) =>
      there.onChange(() => {
        told.there++;
        resolve();
      }),
    );
    await here.change(() => ({ put: [kept('a')] }));
    await heard;
    expect(told).toEqual({ here: 0, there: 1 });
  });

  it('rejects where naming the database is forbidden', async () => {
    vi.spyOn(globalThis, 'indexedDB', 'get').mockImplementation(() => {
      throw new DOMException('The operation is insecure.', 'SecurityError');
    });
    const thrown: unknown = await createIndexedRuns()
      .entries()
      .catch((error: unknown) => error);
    expect(storageError(thrown)).toMatchObject({
      code: 'storage-unavailable',
      message: expect.stringContaining('SecurityError') as string,
    });
  });
});

describe('versions of the database', () => {
  it('lets go when another tab brings a newer one, and then says so', async () => {
    const runs = createIndexedRuns();
    await runs.change(() => ({ put: [kept('a')] }));
    const newer = await openedBy(2, true);
    const thrown: unknown = await runs.entries().catch((error: unknown) => error);
    expect(storageError(thrown).message).toContain('load the page again');
    newer.close();
  });

  it('does not wait for a tab that holds an older one, and works once that has let go', async () => {
    const older = createIndexedRuns({ version: 1 });
    await older.change(() => ({ put: [kept('a')] }));
    const stuck = await openedBy(1, false);
    const runs = createIndexedRuns({ version: 2 });
    const free = new Promise<void>((resolve) => runs.onChange(resolve));
    const thrown: unknown = await runs.entries().catch((error: unknown) => error);
    expect(storageError(thrown).message).toContain('Another tab');
    stuck.close();
    await free;
    expect(prompts(await runs.entries())).toEqual(['a']);
  });
});
