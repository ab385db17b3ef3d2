import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { diskFiles } from '../../cli/diskFiles';
import { Failure } from '../../src/core/errors';
import { WEIGHTS_BYTES } from '../checkpointFiles';
import type { ModelSource } from '../modelSource';
import { memoryFiles } from '../store/memoryFiles';
import { contentName, ModelStore } from '../store/modelStore';
import { randomModel, TINY_LLAMA } from '../testing/randomModel';
import { commitOf, type HubFault, startTestHub, type TestHub } from '../testing/testHub';
import { hubSource } from './hubSource';

const ID = 'tiny/llama';
const MODEL = randomModel(TINY_LLAMA);
const WEIGHTS = MODEL['model.safetensors'] ?? new Uint8Array();
const FILE = 'model.safetensors';
const hashOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const HASH = hashOf(WEIGHTS);
const QUICK = { silenceMs: 150, backoffMs: 1, attempts: 3, longestWaitMs: 20, waits: 2 };
const nobody = () => undefined;
const never = () => new AbortController().signal;

let hub: TestHub;
beforeAll(async () => {
  hub = await startTestHub({ [ID]: MODEL });
});
afterAll(() => hub.close());
afterEach(() => {
  hub.pieceMs = 0;
});

const inMemory = () => new ModelStore(memoryFiles(), true);
const source = (store: ModelStore, revision = 'main', address = hub.address) =>
  hubSource(
    { kind: 'hub', hub: address, id: ID, revision },
    { store, signal: never(), patience: QUICK },
  );
const open = (from: ModelSource, signal = never()) =>
  from.open(FILE, WEIGHTS_BYTES, nobody, signal);

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (error instanceof Failure) return error.code;
    throw error;
  }
  return 'none';
}

/** By their hash: to compare so many numbers one by one takes long. */
function expectWeights(bytes: Uint8Array | undefined): void {
  expect(hashOf(bytes ?? new Uint8Array())).toBe(HASH);
}

/** Everything that loading it reads, and its end. */
async function useAll(from: ModelSource) {
  for (const name of ['config.json', 'tokenizer.json']) {
    await from.read(name, 2 ** 26, nobody, never());
  }
  const file = await open(from);
  await from.finish?.();
  return file;
}

describe('a model of a hub', () => {
  it('is a commit, with names and sizes of its files', async () => {
    const found = await source(inMemory());
    expect(found.reference).toMatchObject({ revision: commitOf(ID) });
    expect(found.origin).toEqual({ kind: 'hub', hub: hub.address, commit: commitOf(ID) });
    expect(found.files?.get(FILE)).toEqual({ size: WEIGHTS.byteLength, storedBytes: 0 });
    expect(await found.read('nothing.json', 10, nobody, never())).toBeUndefined();
  });

  it('gives a header by range, even where ranges are ignored', async () => {
    const found = await source(inMemory());
    expect(await found.readRange(FILE, 8, 100, never())).toEqual(WEIGHTS.slice(8, 108));
    hub.fail(FILE, { kind: 'range-ignored' });
    expect(await found.readRange(FILE, 8, 100, never())).toEqual(WEIGHTS.slice(8, 108));
  });

  it('is fetched once, and then comes from the store, without the hub', async () => {
    const store = inMemory();
    const file = await useAll(await source(store));
    expect(file?.sha256).toBe(HASH);
    expectWeights(file?.read(0, WEIGHTS.byteLength));
    const [stored] = await store.list();
    expect(stored).toMatchObject({ id: ID, commit: commitOf(ID), complete: true });
    expect(stored?.bytes).toBe(stored?.totalBytes);
    const before = hub.requests.length;
    const again = await useAll(await source(store, commitOf(ID)));
    expect(again?.read(0, 8)).toEqual(WEIGHTS.slice(0, 8));
    expect(hub.requests.length).toBe(before);
  });

  it('without a network is the newest commit that is stored, and says so', async () => {
    const store = inMemory();
    const gone = await startTestHub({ [ID]: MODEL });
    await useAll(await source(store, 'main', gone.address));
    await gone.close();
    const found = await source(store, 'main', gone.address);
    expect(found.notes.join()).toContain('could not be reached');
    expect((await useAll(found))?.sha256).toBe(HASH);
    expect(await codeOf(source(inMemory(), 'main', gone.address))).toBe('network');
  });

  it('stays complete when a later load of it is given up, and is then there without a network', async () => {
    const store = inMemory();
    const gone = await startTestHub({ [ID]: MODEL });
    await useAll(await source(store, 'main', gone.address));
    await open(await source(store, 'main', gone.address));
    expect((await store.list())[0]?.complete).toBe(true);
    await gone.close();
    expect((await useAll(await source(store, 'main', gone.address)))?.sha256).toBe(HASH);
  });

  it('is still what its branch stood for after it was loaded by its commit', async () => {
    const store = inMemory();
    const gone = await startTestHub({ [ID]: MODEL });
    await useAll(await source(store, 'main', gone.address));
    await useAll(await source(store, commitOf(ID), gone.address));
    await gone.close();
    expect((await useAll(await source(store, 'main', gone.address)))?.sha256).toBe(HASH);
    expect(await codeOf(source(store, 'other', gone.address))).toBe('network');
  });

  it('known by its commit alone is what main falls back to', async () => {
    const store = inMemory();
    const gone = await startTestHub({ [ID]: MODEL });
    await useAll(await source(store, commitOf(ID), gone.address));
    await gone.close();
    expect((await source(store, 'main', gone.address)).notes.join()).toContain('may be a newer');
  });

  it('leaves nothing in the store when it is only looked at', async () => {
    const store = inMemory();
    const looked = await source(store);
    await looked.read('config.json', 2 ** 20, nobody, never());
    await looked.readRange(FILE, 0, 100, never());
    expect(await store.files.names()).toEqual([]);
  });

  it('is deleted with what only it needs', async () => {
    const store = inMemory();
    await useAll(await source(store));
    const [stored] = await store.list();
    await store.delete(stored?.key ?? '');
    expect(await store.list()).toEqual([]);
    expect(await store.files.names()).toEqual([]);
  });
});

describe('a hub that answers otherwise', () => {
  it.each<[string, readonly HubFault[], string]>([
    ['404', [{ kind: 'status', status: 404 }], 'hub-not-found'],
    ['401', [{ kind: 'status', status: 401 }], 'hub-gated'],
    ['403', [{ kind: 'status', status: 403 }], 'hub-gated'],
    ['429 once', [{ kind: 'status', status: 429, retryAfter: '0' }], 'none'],
    [
      '429 for ever',
      Array.from({ length: 3 }, () => ({ kind: 'status', status: 429, retryAfter: '0' }) as const),
      'hub-busy',
    ],
    ['500 once', [{ kind: 'status', status: 500 }], 'none'],
    [
      '503 for ever',
      Array.from({ length: 3 }, () => ({ kind: 'status', status: 503 }) as const),
      'network',
    ],
    ['400', [{ kind: 'status', status: 400 }], 'network'],
    ['cut off once', [{ kind: 'cut', after: 1000 }], 'none'],
    [
      'range ignored after a cut',
      [{ kind: 'cut', after: 1000 }, { kind: 'range-ignored' }],
      'none',
    ],
    ['silent once', [{ kind: 'silent', after: 500 }], 'none'],
    ['another byte', [{ kind: 'corrupt', at: 5000 }], 'download-corrupt'],
    ['a length that is too long', [{ kind: 'content-length', off: 50 }], 'none'],
  ])('%s', async (_, faults, code) => {
    const store = inMemory();
    const found = await source(store);
    hub.fail(FILE, ...faults);
    expect(await codeOf(open(found))).toBe(code);
    // Nothing that is not whole is ever served, and the next attempt is as good as the first.
    if (code !== 'none') expect(await store.verified(HASH)).toBeUndefined();
    expectWeights((await open(await source(store)))?.read(0, WEIGHTS.byteLength));
  });

  it('passes over what is here already where ranges are ignored: loaded bytes never fall', async () => {
    const found = await source(inMemory());
    hub.fail(FILE, { kind: 'cut', after: 9000 }, { kind: 'range-ignored' });
    const loaded: number[] = [];
    const onBytes = (bytes: number) => void loaded.push(bytes);
    const file = await found.open(FILE, WEIGHTS_BYTES, onBytes, never());
    expect(file?.sha256).toBe(HASH);
    expect(loaded).toEqual(loaded.toSorted((a, b) => a - b));
    expect(loaded.at(-1)).toBe(WEIGHTS.byteLength);
  });

  it('404, 401 and 429 of the listing', async () => {
    hub.failListing({ kind: 'status', status: 404 });
    expect(await codeOf(source(inMemory()))).toBe('hub-not-found');
    hub.failListing({ kind: 'status', status: 401 });
    expect(await codeOf(source(inMemory()))).toBe('hub-gated');
    hub.failListing({ kind: 'status', status: 429, retryAfter: '0' });
    expect(await codeOf(source(inMemory()))).toBe('none');
  });

  it('names no hash, or none but git’s of something large: it is refused before it is fetched', async () => {
    const commit = commitOf(ID);
    const siblings = [
      { rfilename: 'config.json', size: 10 },
      { rfilename: FILE, size: 2 ** 33, blobId: commit },
    ];
    const requests: string[] = [];
    const bare = createServer(({ url = '' }, response) => {
      requests.push(url);
      response.end(JSON.stringify({ sha: commit, siblings }));
    });
    await new Promise<void>((resolve) => bare.listen(0, '127.0.0.1', resolve));
    const { port } = bare.address() as AddressInfo;
    const found = await source(inMemory(), 'main', `http://127.0.0.1:${port}`);
    expect(await codeOf(found.read('config.json', 100, nobody, never()))).toBe('hub-invalid');
    expect(await codeOf(open(found))).toBe('hub-invalid');
    expect(requests).toHaveLength(1);
    bare.close();
  });

  it('can be left at any moment, and what has arrived stays', async () => {
    const store = inMemory();
    hub.pieceMs = 20;
    const stop = new AbortController();
    hub.fail(FILE, { kind: 'silent', after: 4000 });
    const opening = (await source(store)).open(
      FILE,
      WEIGHTS_BYTES,
      () => stop.abort(),
      stop.signal,
    );
    expect(await codeOf(opening)).toBe('cancelled');
    expect(await store.storedBytes(HASH)).toBeGreaterThan(0);
    expect((await open(await source(store)))?.sha256).toBe(HASH);
  });

  it.each([
    ['ftp://hub.test', ID, 'main', 'hub-invalid'],
    ['http://hub.test', ID, 'main', 'hub-invalid'],
    ['https://user:secret@hub.test', ID, 'main', 'hub-invalid'],
    ['https://hub.test?a=b', ID, 'main', 'hub-invalid'],
    ['https://hub.test', '../etc', 'main', 'hub-not-found'],
    ['https://hub.test', 'a/b/c', 'main', 'hub-not-found'],
    ['https://hub.test', 'a/b?x', 'main', 'hub-not-found'],
    ['https://hub.test', ID, '../main', 'hub-not-found'],
    ['https://hub.test', ID, 'main?x', 'hub-not-found'],
  ])('is not asked at all: %s, %s, %s', async (address, id, revision, code) => {
    const wanted = { kind: 'hub', hub: address, id, revision } as const;
    const options = { store: inMemory(), signal: never(), patience: QUICK };
    expect(await codeOf(hubSource(wanted, options))).toBe(code);
  });
});

describe('the store', () => {
  const folders: string[] = [];
  const onDisk = () => {
    const folder = mkdtempSync(join(tmpdir(), 'rope-store-'));
    folders.push(folder);
    return new ModelStore(diskFiles(folder), true);
  };
  afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

  const fault = fc.oneof(
    fc.nat(WEIGHTS.byteLength).map((after): HubFault => ({ kind: 'cut', after })),
    fc.constantFrom(429, 500, 503).map((status): HubFault => ({
      kind: 'status',
      status,
      retryAfter: '0',
    })),
    fc.constant<HubFault>({ kind: 'range-ignored' }),
    fc.nat(WEIGHTS.byteLength - 1).map((at): HubFault => ({ kind: 'corrupt', at })),
  );

  it('serves the right bytes or a named error, whatever goes wrong and however often one begins again', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fault, { maxLength: 6 }), fc.boolean(), async (faults, disk) => {
        const store = disk ? onDisk() : inMemory();
        const unlucky = await startTestHub({ [ID]: MODEL });
        try {
          unlucky.fail(FILE, ...faults);
          for (let attempt = 0; attempt < 8; attempt++) {
            const code = await codeOf(open(await source(store, 'main', unlucky.address)));
            const served = await store.verified(HASH);
            if (code === 'none') {
              expectWeights(served?.read(0, WEIGHTS.byteLength));
              return;
            }
            expect(served).toBeUndefined();
            expect(['network', 'hub-busy', 'download-corrupt']).toContain(code);
          }
          throw new Error('it never arrived');
        } finally {
          await unlucky.close();
        }
      }),
      { numRuns: 25 },
    );
  });

  it('goes on behind what an earlier process had, and starts anew if that was damaged', async () => {
    const store = onDisk();
    const begun = await store.files.append(contentName(HASH));
    await begun.write(WEIGHTS.subarray(0, 10_000));
    await begun.close();
    const before = hub.requests.length;
    expect((await open(await source(store)))?.sha256).toBe(HASH);
    expect(hub.requests.slice(before).join('\n')).toContain('bytes=10000-');

    const damaged = onDisk();
    const wrong = await damaged.files.append(contentName(HASH));
    await wrong.write(new Uint8Array(10_000));
    await wrong.close();
    expect(await codeOf(open(await source(damaged)))).toBe('download-corrupt');
    expect((await open(await source(damaged)))?.sha256).toBe(HASH);
  });

  it('lets go of one that waits for another as soon as it is asked to', async () => {
    const store = inMemory();
    hub.fail(FILE, { kind: 'silent', after: 4000 });
    const [first, second] = await Promise.all([source(store), source(store)]);
    const fetching = open(first);
    const stop = new AbortController();
    let ended = false;
    void fetching.then(() => (ended = true));
    const waiting = second.open(FILE, WEIGHTS_BYTES, nobody, stop.signal, () => stop.abort());
    expect(await codeOf(waiting)).toBe('cancelled');
    expect(ended).toBe(false);
    expect((await fetching)?.sha256).toBe(HASH);
  });

  it('is fetched once if two ask at the same time', async () => {
    const store = inMemory();
    hub.pieceMs = 5;
    const before = hub.requests.length;
    let waited = 0;
    const [a, b] = await Promise.all([source(store), source(store)]);
    await Promise.all([
      a.open(FILE, WEIGHTS_BYTES, nobody, never(), () => waited++),
      b.open(FILE, WEIGHTS_BYTES, nobody, never(), () => waited++),
    ]);
    expect(waited).toBe(1);
    const asked = hub.requests.slice(before).filter((line) => line.includes('/resolve/'));
    expect(asked).toHaveLength(1);
  });

  it('goes on in memory where there is no room, and says so', async () => {
    const small = memoryFiles();
    const room = 8000;
    const store = new ModelStore(
      {
        ...small,
        append: async (name) => {
          const real = await small.append(name);
          return {
            get length() {
              return real.length;
            },
            write: async (bytes) => {
              const fits = Math.max(0, room - real.length);
              await real.write(bytes.subarray(0, fits));
              if (fits < bytes.byteLength) throw new Failure('storage-full', 'full');
            },
            close: () => real.close(),
          };
        },
      },
      true,
    );
    const found = await source(store);
    const file = await useAll(found);
    expectWeights(file?.read(0, WEIGHTS.byteLength));
    expect(file?.read(room - 4, 8)).toEqual(WEIGHTS.slice(room - 4, room + 4));
    expect(found.notes.join()).toContain('no room');
    expect(await store.verified(HASH)).toBeUndefined();
    expect((await store.list())[0]?.complete).toBe(false);
  });

  it('never serves what is not as long as it was, nor manifests that are not its own', async () => {
    const store = inMemory();
    await useAll(await source(store));
    const more = await store.files.append(contentName(HASH));
    await more.write(Uint8Array.of(1));
    expect(await store.verified(HASH)).toBeUndefined();
    const [stored] = await store.list();
    await store.files.write('model-00000000000000000000000000000000.json', Uint8Array.of(123));
    const copy = await store.files.open(stored?.key ?? '');
    const bytes = copy?.read(0, copy.length) ?? new Uint8Array();
    await store.files.write('model-11111111111111111111111111111111.json', bytes);
    expect(await store.list()).toHaveLength(1);
  });
});
