import { describe, expect, it } from 'vitest';
import type { LaneSpec } from '../core/lanes';
import { createScriptedEngine } from '../engine/scriptedEngine';
import type { EngineApi, RunEvent } from '../protocol/engineApi';
import { bundleOf, formatBundle } from '../repro/bundle';
import type { FinishedRun } from '../repro/repro';
import { createHistory } from './history';
import { entryOf } from './historyEntry';
import { MOST_RUNS } from './historyList';
import { createPlayground } from './playground';
import { recordOf } from './run';
import { formatHistory } from './runFile';
import { finishedRun } from './testing/finishedRuns';
import { createMemoryRuns, type MemoryRuns } from './testing/memoryRuns';

const says = (prompt: string, { fault }: LaneSpec) =>
  fault.kind === 'none' ? [' Paris', '.', ` ${prompt}`] : [' Paris', ' is', ' Paris'];

/** After everything that is ready to happen has happened. */
const settled = () => new Promise<void>((resolve) => setTimeout(resolve, 5));

async function setUp({
  storage = createMemoryRuns(),
  tick = () => Promise.resolve(),
  wrap = (engine) => engine,
}: {
  storage?: MemoryRuns;
  tick?: () => Promise<void>;
  wrap?: (engine: EngineApi) => EngineApi;
} = {}) {
  const engine = createScriptedEngine({ says, tick });
  const playground = createPlayground({
    engine: wrap(engine),
    storage: { getItem: () => null, setItem: () => undefined },
    model: { id: 'scripted', location: 'https://example.test/models/scripted/' },
    pause: () => Promise.resolve(),
  });
  let time = 1000;
  const history = createHistory({ playground, storage, now: () => time++ });
  await playground.getState().load();
  const now = () => history.getState();
  const run = async (prompt: string) => {
    playground.getState().setPrompt(prompt);
    playground.getState().start();
    await settled();
  };
  const prompts = () => now().entries?.map((entry) => entry.prompt);
  return { storage, engine, playground, now, run, prompts };
}

const bundleFor = (run: FinishedRun, createdAt = 5) =>
  bundleOf(run, { appVersion: '0.1.0', view: null, pinnedStep: null, createdAt });

const file = (text: string, name = 'run.json') => ({
  name,
  size: text.length,
  text: () => Promise.resolve(text),
});

const FULL = new DOMException('no room', 'QuotaExceededError');

describe('recording', () => {
  it('keeps every run that ends, the newest first, where the next visit finds it', async () => {
    const first = await setUp();
    await first.run('one');
    await first.run('two');
    expect(first.prompts()).toEqual(['two', 'one']);
    expect(first.now().entries?.[0]).toMatchObject({
      model: { id: 'scripted', sha256: 'c0ffeec0ffeec0ff' },
      lanes: [
        { tokens: 3, parts: null },
        { tokens: 3, parts: 1, fault: { kind: 'zero' } },
      ],
    });
    const second = await setUp({ storage: first.storage });
    await settled();
    expect(second.prompts()).toEqual(['two', 'one']);
  });

  it('moves the same run to the top in the place of a second one', async () => {
    const { run, prompts } = await setUp();
    await run('one');
    await run('two');
    await run('one');
    expect(prompts()).toEqual(['one', 'two']);
  });

  it('keeps a run that the visitor has stopped, and not one that the next has cut off', async () => {
    let letGo: () => void = () => undefined;
    let held = false;
    const tick = () => (held ? new Promise<void>((go) => (letGo = go)) : Promise.resolve());
    const { playground, run, now } = await setUp({ tick });
    await run('one');
    held = true;
    playground.getState().setMode('teacher-forced');
    await settled();
    letGo();
    await settled();
    letGo();
    await settled();
    playground.getState().setMode('free');
    held = false;
    letGo();
    await settled();
    expect(now().entries).toHaveLength(1);
    held = true;
    playground.getState().setMode('teacher-forced');
    await settled();
    letGo();
    await settled();
    letGo();
    await settled();
    playground.getState().stop();
    letGo();
    await settled();
    expect(now().entries?.map(({ mode }) => mode)).toEqual(['teacher-forced', 'free']);
    expect(now().entries?.[0]?.lanes[0]?.tokens).toBe(1);
  });

  it('waits for tokens that come after the end', async () => {
    const wrap = (engine: EngineApi): EngineApi => ({
      ...engine,
      run: async (request, onEvent) => {
        const late: RunEvent[] = [];
        const result = await engine.run(request, (event) => late.push(event));
        setTimeout(() => {
          for (const event of late) onEvent(event);
        });
        return result;
      },
    });
    const { run, now } = await setUp({ wrap });
    await run('one');
    await settled();
    expect(now().entries).toHaveLength(1);
    const json: unknown = JSON.parse((await now().jsonOf(now().entries?.[0]?.key ?? '')) ?? '');
    expect(json).toMatchObject({ lanes: [{ steps: [{}, {}, {}] }, { steps: [{}, {}, {}] }] });
  });

  it('does not keep an experiment', async () => {
    const { playground, prompts } = await setUp();
    const { experiment } = playground.getState();
    const lanes = [{ fault: { kind: 'none' }, guard: 'none' }] as const;
    const watch = { signal: new AbortController().signal, onEvent: () => undefined };
    const result = await experiment({ prompt: 'aside', lanes, maxNewTokens: 3, topK: 1 }, watch);
    await settled();
    expect(result.ok).toBe(true);
    expect(prompts()).toEqual([]);
  });

  it('keeps no more than it may', async () => {
    const storage = createMemoryRuns();
    for (let i = 0; i < MOST_RUNS; i++) {
      const entry = entryOf(finishedRun({ prompt: `run ${i}` }), {
        at: i,
        size: 9,
        pinned: i === 0,
      });
      storage.entriesByKey.set(entry.key, entry);
    }
    const { run, prompts } = await setUp({ storage });
    await run('latest');
    expect(prompts()).toHaveLength(MOST_RUNS);
    expect(prompts()).toContain('run 0');
    expect(prompts()).not.toContain('run 1');
    expect(prompts()?.[0]).toBe('latest');
  });
});

describe('storage', () => {
  it('that is full costs neither the run on screen nor the list', async () => {
    const { storage, playground, run, prompts, now } = await setUp();
    await run('one');
    storage.refuses = { put: FULL };
    await run('two');
    expect(now().trouble?.code).toBe('storage-full');
    expect(playground.getState().run.status).toBe('done');
    expect(prompts()).toEqual(['two', 'one']);
    storage.refuses = null;
    await run('three');
    expect(now().trouble).toBeNull();
    expect(storage.entriesByKey.size).toBe(3);
  });

  it('that is forbidden costs only the next visit', async () => {
    const storage = createMemoryRuns();
    storage.refuses = { everything: new DOMException('not here', 'SecurityError') };
    const { run, prompts, now } = await setUp({ storage });
    await run('one');
    expect(now().trouble?.code).toBe('storage-unavailable');
    expect(prompts()).toEqual(['one']);
    expect(await now().jsonOf(now().entries?.[0]?.key ?? '')).toContain('"one"');
  });

  it('in which others have written nonsense shows the rest, and says how much it left out', async () => {
    const storage = createMemoryRuns();
    storage.entriesByKey.set('nonsense', { key: 'nonsense', prompt: { toString: 'x' } });
    storage.entriesByKey.set('more', 7);
    const { run, prompts, now } = await setUp({ storage });
    await run('one');
    expect(prompts()).toEqual(['one']);
    expect(now().unreadable).toBe(2);
  });

  it('is read again when another tab has written', async () => {
    const here = await setUp();
    await here.run('one');
    const entry = entryOf(finishedRun({ prompt: 'there' }), { at: 5000, size: 9, pinned: false });
    here.storage.entriesByKey.set(entry.key, entry);
    here.storage.tell();
    await settled();
    expect(here.prompts()).toEqual(['there', 'one']);
  });
});

describe('deleting', () => {
  it('takes one run out, and undo brings it back to its place', async () => {
    const { run, prompts, now, storage } = await setUp();
    await run('one');
    await run('two');
    await now().remove(now().entries?.[1]?.key ?? '');
    expect(prompts()).toEqual(['two']);
    expect(storage.bundlesByKey.size).toBe(1);
    await now().undo();
    expect(prompts()).toEqual(['two', 'one']);
    expect(storage.bundlesByKey.size).toBe(2);
    expect(now().deleted).toEqual([]);
  });

  it('takes all out, what cannot be read as well, and undo brings back the runs', async () => {
    const { run, prompts, now, storage } = await setUp();
    storage.entriesByKey.set('nonsense', 7);
    await run('one');
    await run('two');
    await now().pin(now().entries?.[0]?.key ?? null);
    await now().clear();
    expect(prompts()).toEqual([]);
    expect(now().unreadable).toBe(0);
    expect(now().pinned).toBeNull();
    expect(storage.entriesByKey.size).toBe(0);
    await now().undo();
    expect(prompts()).toEqual(['two', 'one']);
    expect(now().pinned?.run.prompt).toBe('two');
  });

  it('offers no undo for what could not be deleted', async () => {
    const { run, prompts, now, storage } = await setUp();
    await run('one');
    storage.refuses = { everything: new Error('broken') };
    await now().remove(now().entries?.[0]?.key ?? '');
    expect(prompts()).toEqual(['one']);
    expect(now().deleted).toEqual([]);
  });
});

describe('pinning', () => {
  it('outlives the visit', async () => {
    const first = await setUp();
    await first.run('one');
    await first.run('two');
    await first.now().pin(first.now().entries?.[1]?.key ?? null);
    expect(first.now().pinned?.run.prompt).toBe('one');
    const second = await setUp({ storage: first.storage });
    await settled();
    expect(second.now().pinned?.run.results[1]?.steps[0]?.top[0]?.token).toBe(' Paris');
    await second.now().pin(null);
    expect(second.now().pinned).toBeNull();
  });

  it('of a run whose bundle is damaged says so', async () => {
    const { run, now, storage } = await setUp();
    await run('one');
    const key = now().entries?.[0]?.key ?? '';
    storage.bundlesByKey.set(key, '{"format":"something else"}');
    await now().pin(key);
    expect(now().pinned).toBeNull();
    expect(now().notice).toMatchObject({ of: 'failure', error: { code: 'bundle-invalid' } });
  });
});

describe('opening', () => {
  it('runs an entry again, expecting what is kept', async () => {
    const { run, now, playground, engine } = await setUp();
    await run('one');
    await run('two');
    await now().open(now().entries?.[1]?.key ?? '');
    await settled();
    expect(engine.runs.at(-1)?.prompt).toBe('one');
    const { opening, run: shown } = playground.getState();
    const ids = recordOf(shown)?.lanes[1]?.steps.map(({ id }) => id);
    const repro = opening?.status === 'run' ? opening.opened.repro : null;
    expect(repro?.expectation?.lanes[1]?.ids).toEqual(ids);
    expect(now().entries?.map(({ prompt }) => prompt)).toEqual(['one', 'two']);
  });

  it('says so if the run is gone or damaged', async () => {
    const { run, now, storage, engine } = await setUp();
    await run('one');
    const key = now().entries?.[0]?.key ?? '';
    for (const bundle of [undefined, 7, 'no JSON', '{}']) {
      now().dismiss();
      storage.bundlesByKey.set(key, bundle);
      await now().open(key);
      expect(now().notice).toMatchObject({ of: 'failure', error: { code: 'bundle-invalid' } });
    }
    expect(engine.runs).toHaveLength(1);
  });
});

describe('files', () => {
  it('with one run are kept and opened', async () => {
    const { now, engine, prompts } = await setUp();
    await now().openFiles([file(formatBundle(bundleFor(finishedRun({ prompt: 'from afar' }))))]);
    expect(prompts()).toContain('from afar');
    await settled();
    expect(engine.runs.at(-1)?.prompt).toBe('from afar');
    expect(now().notice).toBeNull();
  });

  it('with a history bring its runs back', async () => {
    const first = await setUp();
    await first.run('one');
    await first.run('two');
    const exported = await first.now().exportAll();
    const second = await setUp();
    await second.now().openFiles([file(exported)]);
    expect(second.prompts()).toEqual(['two', 'one']);
    expect(second.engine.runs).toHaveLength(0);
    expect(second.now().notice).toEqual({ of: 'added', added: 2, left: 0, unreadable: 0 });
    expect(await second.now().exportAll()).toContain(exported.slice(exported.indexOf('"bundles"')));
  });

  it('with a history leave out what cannot be read', async () => {
    const { now, prompts } = await setUp();
    const text = formatHistory([bundleFor(finishedRun({ prompt: 'good' }))], new Date(0));
    await now().openFiles([file(text.replace('"bundles":[', '"bundles":[{"format":"?"},7,'))]);
    expect(prompts()).toEqual(['good']);
    expect(now().notice).toEqual({ of: 'added', added: 1, left: 0, unreadable: 2 });
  });

  it('of a later time than now are of now', async () => {
    const { now } = await setUp();
    const bundles = [1, 8e15].map((createdAt, i) =>
      bundleFor(finishedRun({ prompt: `run ${i}` }), createdAt),
    );
    await now().openFiles([file(formatHistory(bundles, new Date(0)))]);
    expect(now().entries?.map(({ at }) => at)).toEqual([1000, 1]);
  });

  it.each([
    ['cat.png', '\u{fffd}PNG', 'bundle-invalid', '“cat.png” cannot be opened. It is not JSON'],
    ['other.json', '{"format":"another"}', 'bundle-invalid', 'format'],
    ['list.json', '[]', 'bundle-invalid', 'format'],
    ['new.json', '{"format":"rope-collapse-playground/run","version":9}', 'bundle-version', '9'],
    [
      'old.json',
      '{"format":"rope-collapse-playground/history","version":9,"bundles":[]}',
      'bundle-invalid',
      'old.json',
    ],
    ['deep.json', '['.repeat(100_000), 'bundle-invalid', 'deep.json'],
  ])(
    'that are no runs are refused by name, and lose nothing: %s',
    async (name, text, code, said) => {
      const { run, now, prompts, playground } = await setUp();
      await run('one');
      const before = playground.getState();
      await now().openFiles([file(text, name)]);
      const { notice } = now();
      expect(notice).toMatchObject({ of: 'failure', error: { code } });
      expect(notice?.of === 'failure' && notice.error.message).toContain(said);
      expect(prompts()).toEqual(['one']);
      expect(playground.getState()).toBe(before);
    },
  );

  it('that are too large are not read', async () => {
    const { now } = await setUp();
    const text = () => Promise.reject(new Error('read'));
    await now().openFiles([{ name: 'film.json', size: 4e9, text }]);
    expect(now().notice).toMatchObject({ error: { code: 'bundle-too-large' } });
  });

  it('that are too large together are not read', async () => {
    const { now, prompts } = await setUp();
    const text = formatBundle(bundleFor(finishedRun()));
    const files = Array.from({ length: 5 }, () => ({ ...file(text), size: 7e6 }));
    await now().openFiles(files);
    expect(now().notice).toMatchObject({ error: { code: 'bundle-too-large' } });
    expect(prompts()).toEqual([]);
  });

  it('that cannot be read are refused by name', async () => {
    const { now } = await setUp();
    const text = () => Promise.reject(new DOMException('', 'NotReadableError'));
    await now().openFiles([{ name: 'folder', size: 0, text }]);
    expect(now().notice).toMatchObject({ error: { code: 'bundle-invalid' } });
  });
});
