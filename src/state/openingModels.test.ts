import { describe, expect, it } from 'vitest';
import { appError } from '../core/errors';
import { SCRIPTED_COMMIT, scriptedStored, scriptedSurvey } from '../engine/scriptedModels';
import { DEFAULT_HUB, type SurveyRequest } from '../protocol/models';
import type { Repro, ReproModel } from '../repro/repro';
import { judge } from './judgement';
import { asLinked, madeRepro } from './testing/madeRepro';
import { settled, setUp, setUpReady, storageWith } from './testing/scriptedPlayground';

/** Of the scripted engine, whatever the model. */
const SHA256 = 'c0ffee'.repeat(10) + 'c0ff';
const NAMED = { id: 'org/nano', sha256: SHA256, hub: DEFAULT_HUB, commit: SCRIPTED_COMMIT };
const OTHERWISE_HELD: ReproModel = { ...NAMED, bytes: 4_000_000 };
const OF_UNKNOWN_SIZE: ReproModel = { ...NAMED, packing: 'float16' };
const OF_HUB: ReproModel = { ...OF_UNKNOWN_SIZE, bytes: 4_000_000 };
const REFERENCE = { kind: 'hub', hub: DEFAULT_HUB, id: 'org/nano', revision: SCRIPTED_COMMIT };

const made = async (model: ReproModel = OF_HUB): Promise<Repro> =>
  asLinked({ ...(await madeRepro((now) => now.setPrompt('Count:'))), model });

const files = { kind: 'files', name: 'mine', files: [] } as const;

async function ready(options?: Parameters<typeof setUpReady>[0]) {
  const world = await setUpReady(options);
  await world.time.letGo();
  const { now, engine } = world;
  return {
    ...world,
    verdict: () => {
      const { opening, run } = now();
      if (opening?.status !== 'run') throw new Error(`it is ${opening?.status}`);
      const judgement = judge(opening.opened, run);
      return judgement.status === 'judged' ? judgement.verdict : judgement;
    },
    asked: () => [...engine.surveys, ...engine.loads.slice(1)],
  };
}

describe('a link to a model of a hub', () => {
  it('asks first: nothing of it leaves this machine, and what is on screen stays', async () => {
    const { now, asked } = await ready();
    now().start();
    await settled();
    const { run } = now();
    now().open(await made(), 'link');
    await settled();
    expect(now().opening).toMatchObject({
      status: 'question',
      what: { kind: 'hub', reference: REFERENCE },
    });
    expect(now()).toMatchObject({
      run,
      settings: { prompt: 'Count:' },
      model: { status: 'ready' },
    });
    expect(asked()).toEqual([]);
    now().closeOpening();
    expect(now().opening).toBeNull();
  });

  it('is looked up, loaded as it was held, run, and reproduced', async () => {
    const { now, engine, verdict } = await ready();
    now().open(await made(), 'link');
    const agreed = now().agree();
    expect(now().opening?.status).toBe('looking');
    await agreed;
    expect(now().opening?.status).toBe('run');
    await settled();
    expect(engine.surveys).toEqual([{ reference: REFERENCE }]);
    expect(engine.loads[1]).toMatchObject({ reference: REFERENCE, packing: 'float16' });
    expect(verdict()).toEqual({ kind: 'reproduced' });
  });

  it('runs at once if that model is loaded; the bundled model is one call away', async () => {
    const { now, asked, verdict } = await ready();
    now().open(await made(), 'link');
    await now().agree();
    await settled();
    const before = asked();
    now().open(await made(), 'link');
    await settled();
    expect(verdict()).toEqual({ kind: 'reproduced' });
    expect(asked()).toEqual(before);
    await now().choose(now().bundled);
    expect(now().model).toMatchObject({ model: { id: 'scripted' } });
  });

  it('says Different model if the hub gives other weights', async () => {
    const { now, engine } = await ready();
    now().open(await made({ ...OF_HUB, sha256: '0123456789abcdef' }), 'link');
    await now().agree();
    await settled();
    expect(now().opening).toMatchObject({ status: 'other-weights', found: { sha256: SHA256 } });
    expect(engine.runs).toHaveLength(0);
  });

  it('asks about the same weights in another packing', async () => {
    const { now } = await ready();
    now().open(await made(), 'link');
    await now().agree();
    await settled();
    now().open(await made(OTHERWISE_HELD), 'link');
    expect(now().opening).toMatchObject({ status: 'question', what: { kind: 'hub' } });
  });

  it.each([
    ['more than it says', { totalBytes: 4_500_000 }, OF_HUB, 'question'],
    ['hardly more than it says', { totalBytes: 4_300_000 }, OF_HUB, 'run'],
    ['less than it says', { totalBytes: 3_000_000 }, OF_HUB, 'run'],
    ['more than it says, all of it here', { totalBytes: 9e9, storedBytes: 9e9 }, OF_HUB, 'run'],
    ['what it does not say', {}, OF_UNKNOWN_SIZE, 'question'],
  ] as const)('asks again with the number if it is %s', async (_, changed, model, status) => {
    const script = {
      survey: ({ reference }: SurveyRequest) =>
        ({ ok: true, value: scriptedSurvey(reference, changed) }) as const,
    };
    const { now, engine, verdict } = await ready({ script });
    now().open(await made(model), 'link');
    await now().agree();
    expect(now().opening?.status).toBe(status);
    if (status === 'run') return;
    expect(now().opening).toMatchObject({ what: { kind: 'larger' } });
    expect(engine.loads).toHaveLength(1);
    await now().agree();
    await settled();
    expect(verdict()).toEqual({ kind: 'reproduced' });
  });

  it('that the hub does not give, or that cannot be held like that here, says why', async () => {
    const error = appError('hub-gated', 'It is not given out.');
    const first = await ready({ script: { survey: () => ({ ok: false, error }) } });
    first.now().open(await made(), 'link');
    await first.now().agree();
    expect(first.now().opening).toMatchObject({ status: 'impossible', error });
    const second = await ready();
    second.now().open(await made({ ...OF_HUB, packing: 'int4' }), 'link');
    await second.now().agree();
    expect(second.now().opening).toMatchObject({
      status: 'impossible',
      error: { message: expect.stringMatching(/^Blocks of 32/) as unknown },
    });
    for (const { now, engine } of [first, second]) {
      expect(engine.loads).toHaveLength(1);
      const { opening } = now();
      if (opening?.status === 'impossible') now().ask(opening.opened);
      expect(now().opening?.status).toBe('question');
    }
  });

  it('can be left while it is looked up: nothing is loaded', async () => {
    const { now, time, engine } = await setUpReady();
    now().open(await made(), 'link');
    const agreed = now().agree();
    await settled();
    now().closeOpening();
    await time.letGo();
    await agreed;
    expect(now().opening).toBeNull();
    expect(engine.loads).toHaveLength(1);
  });

  it('is run with what was typed meanwhile put aside', async () => {
    const { now } = await ready();
    now().open(await made(), 'link');
    now().setPrompt('Mine');
    await now().agree();
    await settled();
    expect(now()).toMatchObject({ settings: { prompt: 'Count:' }, aside: { prompt: 'Mine' } });
  });

  it('that fails to load is the run’s failure, with a way back', async () => {
    const error = appError('download-corrupt', 'A part is damaged.');
    const { now, verdict } = await ready({
      loadError: ({ reference }) => (reference.kind === 'hub' ? error : undefined),
    });
    now().open(await made(), 'link');
    await now().agree();
    await settled();
    expect(verdict()).toEqual({ status: 'failed', error });
    expect(now().former).toBe(now().bundled);
  });
});

describe('a link to the bundled model', () => {
  it('goes back to it from another, and runs', async () => {
    const repro = await made({ id: 'scripted', sha256: SHA256 });
    const { now, engine, verdict } = await ready();
    now().open(await made(), 'link');
    await now().agree();
    await settled();
    now().open(repro, 'link');
    await settled();
    expect(engine.loads.map(({ id }) => id)).toEqual(['scripted', 'org/nano', 'scripted']);
    expect(verdict()).toEqual({ kind: 'reproduced' });
  });
});

describe('a link to a model of somebody’s files', () => {
  const model = { id: 'mine', sha256: SHA256 };

  it('asks for the files, checks their hash, and runs', async () => {
    const { now, engine, asked, verdict } = await ready({
      script: { sha256: ({ id }) => (id === 'mine' ? SHA256 : 'a'.repeat(64)) },
    });
    now().open(await made(model), 'link');
    await settled();
    expect(now().opening).toMatchObject({ status: 'question', what: { kind: 'files' } });
    await now().agree();
    expect(asked()).toEqual([]);
    await now().agree(files);
    await settled();
    expect(engine.loads[1]).toMatchObject({ reference: files, packing: 'keep' });
    expect(verdict()).toEqual({ kind: 'reproduced' });
  });

  it('holds the same files otherwise without asking', async () => {
    const { now, engine, verdict } = await ready({
      script: { sha256: ({ id }) => (id === 'mine' ? SHA256 : 'a'.repeat(64)) },
    });
    now().open(await made(model), 'link');
    await now().agree(files);
    await settled();
    now().open(await made({ ...model, packing: 'float16' }), 'link');
    await settled();
    expect(engine.loads[2]).toMatchObject({ reference: files, packing: 'float16' });
    expect(verdict()).toEqual({ kind: 'reproduced' });
  });
});

describe('a page that is loaded again with a link to the model of the last visit', () => {
  const visited = async () => {
    const storage = storageWith();
    const { now } = await ready({ storage });
    now().open(await made(), 'link');
    await now().agree();
    await settled();
    return storage;
  };

  it('runs it without a question if it is stored', async () => {
    const { now, time, engine } = setUp({
      storage: await visited(),
      script: { stored: [scriptedStored()] },
    });
    void now().begin();
    now().reopen(await made(), 'own');
    await time.letGo();
    await settled();
    expect(engine.runs).toHaveLength(1);
    expect(engine.surveys).toHaveLength(0);
    expect(now().opening?.status).toBe('run');
  });

  it('asks if it is not', async () => {
    const { now, time, engine } = setUp({ storage: await visited() });
    void now().begin();
    now().reopen(await made(), 'own');
    await time.letGo();
    await settled();
    expect(engine.runs).toHaveLength(0);
    expect(now()).toMatchObject({ opening: { status: 'question' }, run: { status: 'idle' } });
    expect(now().model).toMatchObject({ model: { id: 'scripted' } });
  });
});
