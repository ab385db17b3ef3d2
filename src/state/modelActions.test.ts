import { describe, expect, it } from 'vitest';
import { appError } from '../core/errors';
import { SCRIPTED_COMMIT, scriptedStored } from '../engine/scriptedModels';
import { DEFAULT_HUB } from '../protocol/models';
import type { ModelChoice } from './modelChoice';
import { recordOf } from './run';
import { LOST_TEXT, settled, setUp, setUpReady, storageWith } from './testing/scriptedPlayground';

const CHOICE: ModelChoice = {
  id: 'org/nano',
  reference: { kind: 'hub', hub: DEFAULT_HUB, id: 'org/nano', revision: SCRIPTED_COMMIT },
  packing: 'float16',
  bytes: 4_000_000,
};

const named = (id: string): ModelChoice => ({
  ...CHOICE,
  id,
  reference: { kind: 'hub', hub: DEFAULT_HUB, id, revision: SCRIPTED_COMMIT },
});

/** With the bundled model loaded, and time going on by itself. */
async function ready(options?: Parameters<typeof setUpReady>[0]) {
  const world = await setUpReady(options);
  await world.time.letGo();
  return world;
}

describe('another model', () => {
  it('is loaded as it was chosen; what is on screen and what is typed stay', async () => {
    const { now, engine } = await ready();
    now().start();
    await settled();
    now().setPrompt('Mine');
    const { run } = now();
    const loading = now().choose(CHOICE);
    expect(now()).toMatchObject({ model: { status: 'loading' }, choice: CHOICE, run });
    expect(now().former).toBe(now().bundled);
    await loading;
    const { id, reference, packing } = CHOICE;
    expect(engine.loads[1]).toEqual({ id, reference, packing, executionProvider: 'auto' });
    expect(now().model).toMatchObject({
      model: { id, packing, origin: { hub: DEFAULT_HUB, commit: SCRIPTED_COMMIT } },
    });
    expect(now()).toMatchObject({ former: null, run, settings: { prompt: 'Mine' } });
    now().start();
    await settled();
    expect(recordOf(now().run)).toMatchObject({ model: { id }, modelBytes: 4_000_000 });
  });

  it('in the packing that is recommended, if none is chosen, which is then its', async () => {
    const { now, engine } = await ready();
    await now().choose({ ...CHOICE, packing: null });
    expect(engine.loads[1]).not.toHaveProperty('packing');
    expect(now().choice.packing).toBe('float16');
  });

  it('waits for another tab or the hub, and says so', async () => {
    const world = await setUpReady({
      script: { waits: ({ reference }) => reference.kind === 'hub' },
    });
    const { now, time } = world;
    void now().choose(CHOICE);
    await time.step();
    expect(now().model).toMatchObject({ progress: { phase: 'waiting' } });
    await time.letGo();
    expect(now().model.status).toBe('ready');
  });

  it('that cannot be loaded leaves a way back to the one before', async () => {
    const error = appError('hub-gated', 'It is not given out.');
    const { now, engine } = await ready({
      loadError: ({ id }) => (id === 'org/gated' ? error : undefined),
    });
    await now().choose(CHOICE);
    now().start();
    await settled();
    const { run } = now();
    await now().choose(named('org/gated'));
    expect(now()).toMatchObject({ model: { status: 'failed', error }, run });
    expect(now().former).toEqual(CHOICE);
    await now().load();
    expect(now().former).toEqual(CHOICE);
    await now().goBack();
    expect(now()).toMatchObject({ model: { status: 'ready' }, choice: CHOICE, former: null });
    expect(engine.loads.map(({ id }) => id)).toEqual([
      'scripted',
      'org/nano',
      'org/gated',
      'org/gated',
      'org/nano',
    ]);
  });

  it('that is cancelled half way gives its place back, and no run waits for it', async () => {
    const { now, time, engine } = await setUpReady();
    const loading = now().choose(CHOICE);
    await time.step(2);
    now().start();
    expect(now().run.status).toBe('loading');
    now().cancelLoad();
    expect(now().choice).toBe(now().bundled);
    await time.letGo();
    await loading;
    await settled();
    expect(now()).toMatchObject({ model: { status: 'ready' }, run: { status: 'idle' } });
    expect(now().model).toMatchObject({ model: { id: 'scripted' } });
    expect(engine.runs).toHaveLength(0);
  });

  it('of several that are asked for, the last one is loaded', async () => {
    const { now, engine } = await ready();
    void now().choose(CHOICE);
    void now().choose(named('org/second'));
    await now().choose(named('org/third'));
    await settled();
    expect(engine.loads.map(({ id }) => id)).toEqual(['scripted', 'org/third']);
    expect(now().choice.id).toBe('org/third');
  });

  it('stops a run that is going on', async () => {
    const { now, time, engine } = await setUpReady();
    now().start();
    await time.step(2);
    const loading = now().choose(CHOICE);
    expect(now().run.status).toBe('stopping');
    await time.letGo();
    await loading;
    expect(now()).toMatchObject({ model: { status: 'ready' }, run: { status: 'done' } });
    expect(engine.loads).toHaveLength(2);
  });
});

describe('the model of the last visit', () => {
  const visited = async () => {
    const storage = storageWith();
    const { now } = await ready({ storage });
    await now().choose(CHOICE);
    return storage;
  };

  it('is loaded again at once if it is all stored, and nothing else is', async () => {
    const storage = await visited();
    const { now, time, engine } = setUp({ storage, script: { stored: [scriptedStored()] } });
    expect(now().choice).toEqual(CHOICE);
    const began = now().begin();
    now().start();
    await time.letGo();
    await began;
    await settled();
    expect(engine.loads).toMatchObject([{ reference: CHOICE.reference, packing: 'float16' }]);
    expect(engine.surveys).toHaveLength(0);
    expect(now().run.status).toBe('done');
  });

  it.each([
    ['nothing of it', []],
    ['a part of it', [scriptedStored({ complete: false })]],
    ['another commit', [scriptedStored({ commit: 'f'.repeat(40) })]],
    ['one of another hub', [scriptedStored({ hub: 'https://hub.example.org' })]],
  ])('is asked for again if %s is stored', async (_, stored) => {
    const storage = await visited();
    const { now, time, engine } = setUp({ storage, script: { stored } });
    const began = now().begin();
    await time.letGo();
    await began;
    expect(engine.loads.map(({ id }) => id)).toEqual(['scripted']);
    expect(now().remembered).toEqual(CHOICE);
    // It is remembered for as long as the visitor has said nothing.
    const again = setUp({ storage });
    expect(again.now().choice).toEqual(CHOICE);
    now().forgetRemembered();
    expect(setUp({ storage }).now().choice.id).toBe('scripted');
  });

  it('is not kept if it was of this machine, or the bundled one', async () => {
    const storage = await visited();
    const { now, time } = setUp({ storage, script: { stored: [scriptedStored()] } });
    void now().begin();
    await time.letGo();
    await now().choose({ ...CHOICE, reference: { kind: 'files', name: 'mine', files: [] } });
    expect(setUp({ storage }).now().choice.id).toBe('scripted');
    await now().choose(CHOICE);
    await now().choose(now().bundled);
    expect(setUp({ storage }).now().choice.id).toBe('scripted');
  });

  it('is none that cannot be read', () => {
    for (const stored of ['{', '7', '{"hub":"x","id":"a/b","commit":"main"}']) {
      const storage = { getItem: () => stored, setItem: () => undefined };
      expect(setUp({ storage }).now()).toMatchObject({
        choice: { id: 'scripted' },
        hub: DEFAULT_HUB,
      });
    }
  });

  it('writes nothing on a visit that stays with the bundled model', async () => {
    const written: string[] = [];
    const storage = { getItem: () => null, setItem: (key: string) => void written.push(key) };
    const { now, time } = setUp({ storage });
    void now().begin();
    await time.letGo();
    expect(written).toEqual([]);
    expect(now().model.status).toBe('ready');
  });
});

it('runs what was asked for while the model was on its way', async () => {
  const { now, time, texts } = await setUpReady();
  void now().choose(CHOICE);
  now().start();
  await time.letGo();
  await settled();
  expect(texts()[1]).toEqual(LOST_TEXT);
  expect(recordOf(now().run)?.model.id).toBe('org/nano');
});
