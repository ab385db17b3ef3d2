import { describe, expect, it } from 'vitest';
import { appError } from '../core/errors';
import { HEALTHY } from '../core/faults';
import { judge } from './judgement';
import { recordOf } from './run';
import { DEFAULT_SETTINGS } from './settings';
import { madeRepro, withAnotherToken } from './testing/madeRepro';
import {
  HEALTHY_TEXT,
  LOST_TEXT,
  settled,
  setUp,
  setUpReady,
  storageWith,
} from './testing/scriptedPlayground';

const PROMPT = 'Count: three, four,';

const made = (prepare?: Parameters<typeof madeRepro>[0]) =>
  madeRepro((now) => {
    now.setPrompt(PROMPT);
    now.setMaxNewTokens(12);
    now.renameLane('lane-1', 'Lost');
    prepare?.(now);
  });

async function ready(options?: Parameters<typeof setUpReady>[0]) {
  const world = await setUpReady(options);
  await world.time.letGo();
  const { now } = world;
  const judgement = () => {
    const { opening, run } = now();
    if (opening?.status !== 'run') throw new Error('nothing was opened to be run');
    return judge(opening.opened, run);
  };
  const verdict = () => {
    const found = judgement();
    if (found.status !== 'judged') throw new Error(`it is ${found.status}`);
    return found.verdict;
  };
  return { ...world, judgement, verdict };
}

const OTHER_WEIGHTS = '0123456789abcdef';

describe('a run that is opened', () => {
  it('sets all that makes it, runs, and is reproduced', async () => {
    const repro = await made();
    const { now, texts, verdict } = await ready();
    now().open(repro, 'link');
    await settled();
    expect(now().settings).toMatchObject({
      prompt: PROMPT,
      maxNewTokens: 12,
      mode: 'free',
      lanes: [{ name: 'Lost', fault: { kind: 'zero' }, guard: 'none' }],
    });
    expect(now()).toMatchObject({ view: 'logits', pinnedStep: 2 });
    expect(texts()).toEqual([HEALTHY_TEXT, LOST_TEXT]);
    expect(verdict()).toEqual({ kind: 'reproduced' });
  });

  it('waits for the model, and for nothing to be pressed', async () => {
    const repro = await made();
    const { time, engine, now, texts } = setUp();
    void now().load();
    now().open(repro, 'link');
    expect(now().run.status).toBe('loading');
    await time.letGo();
    expect(engine.runs).toHaveLength(1);
    expect(engine.loads).toHaveLength(1);
    expect(texts()).toEqual([HEALTHY_TEXT, LOST_TEXT]);
  });

  it('leaves lanes that are the same as they are, with their pins', async () => {
    const repro = await made();
    const { now } = await ready();
    now().setPrompt(PROMPT);
    now().setMaxNewTokens(12);
    now().renameLane('lane-1', 'Lost');
    now().pinLane('lane-1', true);
    const { settings } = now();
    now().open(repro, 'link');
    expect(now().settings).toBe(settings);
  });

  it('leaves the view that is shown if it names none', async () => {
    const repro = { ...(await made()), view: null };
    const { now } = await ready();
    now().setView('dials');
    now().open(repro);
    expect(now().view).toBe('dials');
  });

  it('is reproduced up to the token that is another one than expected', async () => {
    const repro = withAnotherToken(await made(), 1, 3, 77);
    const { now, verdict } = await ready();
    now().open(repro, 'link');
    await settled();
    const found = recordOf(now().run)?.lanes[1]?.steps[3]?.id;
    expect(verdict()).toMatchObject({ kind: 'parted', lane: 1, step: 3, expected: 77, found });
  });

  it('of a prompt that the engine refuses is no verdict', async () => {
    const repro = await made();
    const error = appError('context-exceeded', 'Too long.');
    const { now, judgement } = await ready({
      wrap: (engine) => ({ ...engine, run: () => Promise.resolve({ ok: false, error }) }),
    });
    now().open(repro, 'link');
    await settled();
    expect(judgement()).toEqual({ status: 'failed', error });
  });

  it('that is stopped has no verdict, and Run gives one', async () => {
    const repro = await made();
    const { time, now } = await setUpReady();
    now().open(repro, 'link');
    await time.step(3);
    now().stop();
    await time.letGo();
    const verdictNow = () => {
      const { opening, run } = now();
      return opening?.status === 'run' ? judge(opening.opened, run) : null;
    };
    expect(verdictNow()).toMatchObject({ verdict: { kind: 'unfinished', steps: 2 } });
    now().start();
    await settled();
    expect(verdictNow()).toMatchObject({ verdict: { kind: 'reproduced' } });
  });

  it('is measured again by Run as long as nothing else is set, and not after', async () => {
    const repro = await made();
    const { engine, now, verdict } = await ready();
    now().open(repro, 'link');
    await settled();
    now().start();
    await settled();
    expect(engine.runs).toHaveLength(2);
    expect(verdict()).toEqual({ kind: 'reproduced' });
    now().setPrompt('Something else');
    expect(verdict()).toEqual({ kind: 'reproduced' });
    now().start();
    await settled();
    expect(now().opening).toMatchObject({ status: 'past', opened: { repro } });
    expect(recordOf(now().run)?.origin).toEqual({ by: 'press' });
  });

  it('is past once a lane is changed, on screen or while it waits', async () => {
    const repro = await made();
    const { now } = await ready();
    now().open(repro, 'link');
    await settled();
    now().setLaneFault('lane-1', HEALTHY);
    await settled();
    expect(now().opening?.status).toBe('past');

    const waiting = setUp();
    void waiting.now().load();
    waiting.now().open(repro, 'link');
    waiting.now().setLaneFault('lane-1', HEALTHY);
    await waiting.time.letGo();
    expect(waiting.now().opening?.status).toBe('past');
    expect(waiting.texts()).toEqual([HEALTHY_TEXT, HEALTHY_TEXT]);
  });

  it('is past, and said no more, if it is the visitor’s own', async () => {
    const repro = await made();
    const { now } = await ready();
    now().open(repro, 'own');
    await settled();
    now().setLaneFault('lane-1', HEALTHY);
    expect(now().opening).toBeNull();
  });

  it('stops the one that goes on, and takes its place', async () => {
    const repro = await made();
    const { time, now, texts } = await setUpReady();
    now().start();
    await time.step(3);
    now().open(repro, 'link');
    expect(now().run.status).toBe('stopping');
    await time.letGo();
    expect(recordOf(now().run)?.settings.prompt).toBe(PROMPT);
    expect(texts()).toEqual([HEALTHY_TEXT, LOST_TEXT]);
  });
});

describe('what cannot be opened', () => {
  it('is refused, and changes nothing else', async () => {
    const { engine, now } = await ready();
    now().setPrompt('Mine');
    const before = now();
    const error = appError('link-invalid', 'The link is damaged.');
    now().refuse(error);
    expect(now()).toEqual({ ...before, opening: { status: 'refused', error } });
    expect(engine.runs).toHaveLength(0);
    now().start();
    expect(now().opening).toBeNull();
  });

  it('of another model sets what it can, and runs nothing', async () => {
    const repro = { ...(await made()), model: { id: 'another', sha256: OTHER_WEIGHTS } };
    const { engine, now } = await ready();
    now().open(repro, 'link');
    await settled();
    expect(now().opening).toMatchObject({ status: 'question', what: { kind: 'files' } });
    expect(now().settings.prompt).toBe(PROMPT);
    expect(engine.runs).toHaveLength(0);
    expect(engine.loads).toHaveLength(1);
  });

  it('with the healthy lane alone changes nothing and runs nothing', async () => {
    const { lanes, ...rest } = await made();
    const { engine, now } = await ready();
    now().open({ ...rest, lanes: lanes.slice(0, 1), expectation: null }, 'link');
    expect(now().opening).toMatchObject({ status: 'impossible', error: { code: 'lanes-invalid' } });
    expect(now().settings).toEqual(DEFAULT_SETTINGS);
    expect(engine.runs).toHaveLength(0);
  });
});

describe('a run of other weights', () => {
  const otherWeights = async () => {
    const repro = await made();
    return { ...repro, model: { ...repro.model, sha256: OTHER_WEIGHTS } };
  };

  it('is not run, known at once or only after the model has been loaded', async () => {
    const repro = await otherWeights();
    const first = await ready();
    first.now().open(repro, 'link');
    const second = setUp();
    void second.now().load();
    second.now().open(repro, 'link');
    await second.time.letGo();
    for (const { engine, now } of [first, second]) {
      expect(now().opening).toMatchObject({
        status: 'other-weights',
        found: { id: 'scripted', sha256: 'c0ffee'.repeat(10) + 'c0ff' },
      });
      expect(now().run.status).toBe('idle');
      expect(now().settings.prompt).toBe(PROMPT);
      expect(engine.runs).toHaveLength(0);
    }
  });

  it('leaves the run on screen as it is', async () => {
    const { engine, now } = await ready();
    now().start();
    await settled();
    const before = now().run;
    now().open(await otherWeights(), 'link');
    expect(now().run).toEqual(before);
    expect(engine.runs).toHaveLength(1);
  });

  it('runs when the visitor says so, and its verdict still names both', async () => {
    const { now, judgement } = await ready();
    now().open(await otherWeights(), 'link');
    now().runAllTheSame();
    await settled();
    expect(judgement()).toMatchObject({
      verdict: { kind: 'different-model', expected: { sha256: OTHER_WEIGHTS } },
      allTheSame: { kind: 'reproduced' },
    });
  });

  it('runs by Run as well, and is still called another model', async () => {
    const { now, verdict } = await ready();
    now().open(await otherWeights(), 'link');
    now().start();
    await settled();
    expect(verdict()).toMatchObject({ kind: 'different-model' });
  });
});

describe('what was set before', () => {
  it('comes back with its lanes, mode and length, and without a run if its lanes are on screen', async () => {
    const repro = await made((now) => now.renameLane('lane-1', ''));
    const { engine, now } = await ready();
    now().setPrompt('Mine, not yet run');
    now().setMaxNewTokens(7);
    const before = now().settings;
    now().open(repro, 'link');
    await settled();
    expect(now().settings.prompt).toBe(PROMPT);
    now().bringBack();
    await settled();
    expect(now().settings).toEqual(before);
    expect(now().aside).toBeNull();
    expect(engine.runs).toHaveLength(1);
    expect(recordOf(now().run)?.settings.prompt).toBe(PROMPT);
  });

  it('runs if its lanes are others than those on screen: these are always what is set', async () => {
    const repro = await made();
    const { now, texts } = await ready();
    now().setPrompt('Mine');
    now().addLane({ fault: { kind: 'nan' }, guard: 'refill' });
    now().open(repro, 'link');
    await settled();
    now().bringBack();
    await settled();
    expect(texts()).toHaveLength(3);
    expect(recordOf(now().run)?.settings.prompt).toBe('Mine');
  });

  it('is not run when it comes back before the model is there: nothing is', async () => {
    const repro = await made();
    const { time, engine, now } = setUp();
    now().setPrompt('Mine');
    void now().load();
    now().open(repro, 'link');
    now().bringBack();
    await time.letGo();
    expect(now().settings.prompt).toBe('Mine');
    expect(now().run.status).toBe('idle');
    expect(engine.runs).toHaveLength(0);
  });

  it('is not put aside if it was the default, the run on screen, or the same', async () => {
    const repro = await made();
    const { now } = await ready();
    now().open(repro, 'link');
    await settled();
    expect(now().aside).toBeNull();
    now().open(repro, 'link');
    expect(now().aside).toBeNull();
    await settled();
    now().setPrompt('Run by the visitor');
    now().start();
    await settled();
    now().open(repro, 'link');
    expect(now().aside).toBeNull();
  });

  it('stays at hand while one link after the other is opened, and after a reload', async () => {
    const repro = await made();
    const other = await made((now) => now.setPrompt('Another one'));
    const storage = storageWith();
    const { now } = await ready({ storage });
    now().setPrompt('Mine');
    const mine = now().settings;
    now().open(repro, 'link');
    await settled();
    now().open(other, 'link');
    await settled();
    now().closeOpening();
    expect(now().aside?.prompt).toBe('Mine');

    const again = setUp({ storage });
    expect(again.now().settings.prompt).toBe('Another one');
    again.now().bringBack();
    expect(again.now().settings).toEqual(mine);
    expect(setUp({ storage }).now()).toMatchObject({ settings: mine, aside: null });
  });

  it('goes when it is not needed', async () => {
    const repro = await made();
    const { now } = await ready();
    now().setPrompt('Mine');
    now().open(repro, 'link');
    now().dropAside();
    expect(now().aside).toBeNull();
    now().bringBack();
    expect(now().settings.prompt).toBe(PROMPT);
  });
});
