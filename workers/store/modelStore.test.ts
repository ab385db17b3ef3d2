import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Failure } from '../../src/core/errors';
import type { Manifest } from './manifest';
import { inTurns } from './inTurns';
import { memoryFiles } from './memoryFiles';
import { ModelStore } from './modelStore';

const HUB = 'https://hub.test';
const never = () => new AbortController().signal;

function contentOf(name: string) {
  const bytes = new TextEncoder().encode(name);
  return { bytes, sha256: createHash('sha256').update(bytes).digest('hex'), size: bytes.length };
}

function manifestOf(id: string, names: readonly string[], rest: Partial<Manifest> = {}): Manifest {
  const files = Object.fromEntries(
    names.map((name) => {
      const { sha256, size } = contentOf(name);
      return [name, { sha256, size }];
    }),
  );
  const commit = createHash('sha1').update(id).digest('hex');
  const totalBytes = Object.values(files).reduce((sum, { size }) => sum + size, 0);
  const known = { version: 1, hub: HUB, id, revision: 'main', commit, files, totalBytes } as const;
  return { ...known, complete: true, storedAt: 1, ...rest };
}

async function keep(store: ModelStore, manifest: Manifest): Promise<void> {
  for (const name of Object.keys(manifest.files)) {
    const { bytes, sha256 } = contentOf(name);
    await store.keep(sha256, bytes);
  }
  await store.writeManifest(manifest);
}

describe('a store of models', () => {
  it('adds to what it knows of a commit: nothing that was complete is less so', async () => {
    const store = new ModelStore(memoryFiles(), true);
    await keep(store, manifestOf('a/b', ['config', 'weights']));
    await store.writeManifest(
      manifestOf('a/b', ['export'], { complete: false, revision: 'v1', storedAt: 2 }),
    );
    const [joined] = await store.manifests();
    expect(Object.keys(joined?.files ?? {})).toEqual(['config', 'weights', 'export']);
    expect(joined).toMatchObject({ complete: true, revision: 'v1', storedAt: 1 });
    // But not all that it names has arrived.
    expect(await store.list()).toMatchObject([{ complete: false, bytes: 13, totalBytes: 19 }]);
  });

  it('keeps what other models need, and nothing else, in whatever order models are deleted', async () => {
    const some = fc.uniqueArray(fc.constantFrom('a', 'bb', 'ccc', 'dddd'), { minLength: 1 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(some, { minLength: 1, maxLength: 5 }),
        fc.nat(),
        async (all, at) => {
          const store = new ModelStore(memoryFiles(), true);
          const manifests = all.map((names, i) => manifestOf(`owner/${i}`, names));
          for (const manifest of manifests) await keep(store, manifest);
          const keys = (await store.list()).map(({ key }) => key);
          while (keys.length > 0) {
            await store.delete(keys.splice(at % keys.length, 1)[0] ?? '');
            const kept = await store.list();
            expect(kept.map(({ key }) => key).sort()).toEqual([...keys].sort());
            expect(kept.every(({ complete }) => complete)).toBe(true);
          }
          expect(await store.files.names()).toEqual([]);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('still lists a model that could not be deleted, so that it can be later', async () => {
    const files = memoryFiles();
    let busy = true;
    const remove = async (name: string) => {
      if (busy && name.endsWith('.bin')) throw new Failure('busy', 'it is being written');
      await files.remove(name);
    };
    const store = new ModelStore({ ...files, remove }, true);
    await keep(store, manifestOf('a/b', ['weights']));
    const [kept] = await store.list();
    await expect(store.delete(kept?.key ?? '')).rejects.toThrow('being written');
    expect(await store.verified(contentOf('weights').sha256)).toBeUndefined();
    expect(await store.list()).toHaveLength(1);
    busy = false;
    await store.delete(kept?.key ?? '');
    expect(await files.names()).toEqual([]);
  });
});

describe('turns', () => {
  it('let nobody in while another is, even after one that waited has left', async () => {
    const locked = inTurns();
    const log: string[] = [];
    let end: () => void = () => undefined;
    const running = new Promise<void>((resolve) => (end = resolve));
    const first = locked(
      'x',
      never(),
      () => log.push('no'),
      () => running,
    );
    const stop = new AbortController();
    const second = locked(
      'x',
      stop.signal,
      () => log.push('second waits'),
      () => running,
    );
    const third = locked(
      'x',
      never(),
      () => log.push('third waits'),
      () => {
        log.push('third');
        return Promise.resolve();
      },
    );
    stop.abort();
    await expect(second).rejects.toMatchObject({ code: 'cancelled' });
    log.push('first ends');
    end();
    await Promise.all([first, third]);
    expect(log).toEqual(['second waits', 'third waits', 'first ends', 'third']);
  });
});
