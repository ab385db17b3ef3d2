import { describe, expect, it } from 'vitest';
import { appError } from '../core/errors';
import { SCRIPTED_COMMIT, scriptedStored, scriptedSurvey } from '../engine/scriptedModels';
import { DEFAULT_HUB, type ModelReference } from '../protocol/models';
import { LARGE_DOWNLOAD } from './surveyActions';
import { settled, setUp, setUpReady, storageWith } from './testing/scriptedPlayground';

const REFERENCE: ModelReference = {
  kind: 'hub',
  hub: DEFAULT_HUB,
  id: 'org/nano',
  revision: 'main',
};
const OTHER = { ...REFERENCE, id: 'org/other' };

async function ready(options?: Parameters<typeof setUpReady>[0]) {
  const world = await setUpReady(options);
  await world.time.letGo();
  return world;
}

const survey = (changed: Parameters<typeof scriptedSurvey>[1]) => ({
  survey: ({ reference }: { readonly reference: ModelReference }) =>
    ({ ok: true, value: scriptedSurvey(reference, changed) }) as const,
});

describe('a look at a model', () => {
  it('resolves its revision, and leaves the loaded model and its run alone', async () => {
    const { now, engine } = await ready();
    now().start();
    await settled();
    const { model, run, choice } = now();
    const looking = now().lookAt(REFERENCE);
    expect(now().looking).toEqual({ status: 'surveying', reference: REFERENCE });
    await looking;
    expect(now().looking).toMatchObject({
      status: 'surveyed',
      survey: { id: 'org/nano', reference: { revision: SCRIPTED_COMMIT } },
    });
    expect(now()).toMatchObject({ model, run, choice });
    expect(engine.loads).toHaveLength(1);
  });

  it('loads what was looked at, at its commit, in the packing chosen', async () => {
    const { now, engine } = await ready();
    await now().lookAt(REFERENCE);
    const { looking } = now();
    if (looking.status !== 'surveyed') throw new Error(looking.status);
    now().loadSurveyed(looking.survey, 'keep');
    await settled();
    expect(engine.loads[1]).toMatchObject({
      id: 'org/nano',
      reference: { ...REFERENCE, revision: SCRIPTED_COMMIT },
      packing: 'keep',
    });
    expect(now().choice.bytes).toBe(4_000_000);
  });

  it('that fails says why, and can be made again', async () => {
    const error = appError('hub-not-found', 'There is no org/nano.');
    let fails = true;
    const { now } = await ready({
      script: {
        survey: ({ reference }) =>
          fails ? { ok: false, error } : { ok: true, value: scriptedSurvey(reference) },
      },
    });
    await now().lookAt(REFERENCE);
    expect(now().looking).toEqual({ status: 'failed', reference: REFERENCE, error });
    fails = false;
    await now().lookAt(REFERENCE);
    expect(now().looking.status).toBe('surveyed');
    now().stopLooking();
    expect(now().looking).toEqual({ status: 'idle' });
  });

  it('can be stopped, and its answer comes to nothing', async () => {
    const { now, time } = await setUpReady();
    const looking = now().lookAt(REFERENCE);
    await settled();
    now().stopLooking();
    await time.letGo();
    await looking;
    expect(now().looking).toEqual({ status: 'idle' });
  });

  it('gives way to another look: the last one counts', async () => {
    const { now, time } = await setUpReady();
    const first = now().lookAt(REFERENCE);
    await settled();
    const second = now().lookAt(OTHER);
    await time.letGo();
    await Promise.all([first, second]);
    expect(now().looking).toMatchObject({ status: 'surveyed', survey: { id: 'org/other' } });
  });

  it('waits for a load that is going on, and is cut off by one that begins', async () => {
    const { now, time, engine } = setUp();
    void now().begin();
    const looking = now().lookAt(REFERENCE);
    await time.step(2);
    expect(engine.surveys).toHaveLength(0);
    await time.step();
    expect(engine.surveys).toHaveLength(1);
    void now().load();
    await time.letGo();
    await looking;
    expect(now()).toMatchObject({ looking: { status: 'idle' }, model: { status: 'ready' } });
  });
});

describe('a large download', () => {
  const large = survey({ totalBytes: LARGE_DOWNLOAD + 5, storedBytes: 5 });
  const load = async (world: Awaited<ReturnType<typeof ready>>) => {
    const { now } = world;
    await now().lookAt(REFERENCE);
    const { looking } = now();
    if (looking.status !== 'surveyed') throw new Error(looking.status);
    now().loadSurveyed(looking.survey, 'keep');
    await settled();
    return now().keeping;
  };

  it.each([
    ['kept', () => Promise.resolve(true)],
    ['may-go', () => Promise.resolve(false)],
    ['may-go', () => Promise.reject(new Error('no'))],
    ['may-go', undefined],
  ] as const)('asks the browser to keep it: %s', async (keeping, persist) => {
    const world = await ready({ script: large, ...(persist && { persist }) });
    expect(await load(world)).toBe(keeping);
  });

  it('of less, or of what is here already, asks nothing', async () => {
    let asked = 0;
    const persist = () => Promise.resolve(++asked > 0);
    const stored = survey({ totalBytes: 1e9, storedBytes: 1e9 });
    for (const script of [survey({}), stored]) {
      expect(await load(await ready({ script, persist }))).toBe('unasked');
    }
    expect(asked).toBe(0);
  });
});

describe('what is stored', () => {
  it('is listed, loaded as recommended, and deleted', async () => {
    const model = scriptedStored();
    const { now, engine } = await ready({ script: { stored: [model] } });
    expect(now().stored).toBeNull();
    await now().refreshStored();
    expect(now().stored).toEqual([model]);
    now().loadStored(model);
    await settled();
    expect(engine.loads[1]).toMatchObject({ reference: { revision: model.commit } });
    expect(engine.loads[1]).not.toHaveProperty('packing');
    await now().deleteStored(model.key);
    expect(now()).toMatchObject({ stored: [], storedTrouble: null });
  });

  it('that cannot be read or deleted is said', async () => {
    const error = appError('storage-unavailable', 'Storage is forbidden.');
    const refuse = () => Promise.resolve({ ok: false, error } as const);
    const { now } = await ready({
      wrap: (engine) => ({ ...engine, stored: refuse, deleteStored: refuse }),
    });
    await now().refreshStored();
    expect(now()).toMatchObject({ stored: [], storedTrouble: error });
    await now().deleteStored('any');
    expect(now().storedTrouble).toEqual(error);
  });
});

it('keeps the address of the hub', () => {
  const storage = storageWith();
  setUp({ storage }).now().setHub('https://hub.example.org');
  expect(setUp({ storage }).now().hub).toBe('https://hub.example.org');
});
