import { describe, expect, it } from 'vitest';
import { HEALTHY } from '../core/faults';
import { linkTo, parseLink } from '../repro/link';
import type { Repro } from '../repro/repro';
import { followAddress } from './addressBar';
import { APP_VERSION } from './appVersion';
import { judge } from './judgement';
import { recordOf } from './run';
import { madeRepro, withAnotherToken } from './testing/madeRepro';
import { createMemoryAddress } from './testing/memoryAddress';
import type { SettingsStorage } from './storedSettings';
import { settled, setUp, storageWith } from './testing/scriptedPlayground';

const PAGE = 'https://example.test/playground/?colours=dark';

/** A page at this address, whose model loads as soon as it may. */
function visit(
  href = PAGE,
  {
    storage = storageWith(),
    ...entry
  }: {
    readonly storage?: SettingsStorage;
    readonly reloaded?: boolean;
    readonly own?: boolean;
  } = {},
) {
  const world = setUp({ storage });
  const bar = createMemoryAddress(href, entry);
  const pauses: (() => void)[] = [];
  const pause = () => new Promise<void>((resume) => pauses.push(resume));
  const loading = world.now().load();
  const leave = followAddress(world.playground, bar.address, pause);
  /** Until all has ended and stood still. */
  const still = async () => {
    await world.time.letGo();
    await loading;
    await world.standStill();
    for (const resume of pauses.splice(0)) resume();
    await settled();
  };
  const ask = async (prompt: string) => {
    world.now().setPrompt(prompt);
    world.now().start();
    await still();
  };
  const prompts = () => bar.hrefs().map((link) => (link === PAGE ? null : parseLink(link).prompt));
  const shown = () => recordOf(world.now().run)?.settings.prompt;
  return { ...world, ...bar, still, ask, prompts, shown, leave, pauses };
}

const linkOf = (repro: Repro) => linkTo(PAGE, repro);

describe('the address', () => {
  it('without a link opens nothing', async () => {
    const { engine, now, hrefs, still } = visit();
    await still();
    expect(now().opening).toBeNull();
    expect(engine.runs).toHaveLength(0);
    expect(hrefs()).toEqual([PAGE]);
  });

  it('takes the link of a run when it has ended, with what came of it, and keeps the rest', async () => {
    const { now, time, hrefs, still, ask } = visit();
    await still();
    await ask('First');
    const [href = ''] = hrefs();
    expect(hrefs()).toHaveLength(1);
    expect(href.startsWith(`${PAGE}#`)).toBe(true);
    expect(parseLink(href)).toMatchObject({
      prompt: 'First',
      view: 'frequencies',
      pinnedStep: null,
      expectation: { appVersion: APP_VERSION, executionProvider: 'wasm', lanes: [{}, {}] },
    });
    now().start();
    await time.step(2);
    expect(hrefs()).toEqual([href]);
  });

  it('has an entry for each run by Run, none for the same again, and none for a change', async () => {
    const { now, prompts, ask, still } = visit();
    await still();
    await ask('First');
    await ask('Second');
    await ask('Second');
    expect(prompts()).toEqual(['First', 'Second']);
    now().setLaneFault('lane-1', HEALTHY);
    await still();
    now().addLane();
    await still();
    now().setMode('teacher-forced');
    await still();
    expect(prompts()).toEqual(['First', 'Second']);
  });

  it('follows lanes, view, pin and names in place', async () => {
    const { now, hrefs, ask, still } = visit();
    await still();
    await ask('First');
    now().setLaneGuard('lane-1', 'refill');
    await still();
    now().setView('attention');
    now().pinStep(3);
    now().renameLane('lane-1', 'Mended');
    await still();
    expect(hrefs()).toHaveLength(1);
    expect(parseLink(hrefs()[0] ?? '')).toMatchObject({
      view: 'attention',
      pinnedStep: 3,
      lanes: [{}, { name: 'Mended', guard: 'refill' }],
    });
  });

  it('is written once for many changes in a row, when nothing has changed for a moment', async () => {
    const { now, writes, ask, still, pauses } = visit();
    await still();
    await ask('First');
    expect(writes()).toBe(1);
    for (const view of ['dials', 'tables', 'attention', 'logits'] as const) now().setView(view);
    pauses.shift()?.();
    await settled();
    expect(writes()).toBe(1);
    for (let step = 0; step < 5; step++) now().pinStep(step);
    await still();
    expect(writes()).toBe(2);
  });

  it('is not written for a run that gave way to another', async () => {
    const { now, time, writes, prompts, still } = visit();
    await still();
    now().setPrompt('First');
    now().start();
    now().setLaneFault('lane-1', HEALTHY);
    await time.letGo();
    await still();
    expect(writes()).toBe(1);
    expect(prompts()).toEqual(['First']);
  });

  it('keeps the entry of a run by Run even if a lane is changed before it has ended', async () => {
    const { now, prompts, ask, still } = visit();
    await still();
    await ask('First');
    now().setPrompt('Second');
    now().start();
    now().setLaneFault('lane-1', HEALTHY);
    await still();
    expect(prompts()).toEqual(['First', 'Second']);
  });

  it('is left alone once the page is left', async () => {
    const { now, time, leave, ask, hrefs, still } = visit();
    await still();
    now().start();
    await time.letGo();
    leave();
    await still();
    await ask('Second');
    expect(hrefs()).toEqual([PAGE]);
  });
});

describe('back and forward', () => {
  it('make the runs of their entries again, quietly', async () => {
    const { now, back, forward, prompts, shown, ask, still, at } = visit();
    await still();
    await ask('First');
    await ask('Second');
    back();
    await still();
    expect(shown()).toBe('First');
    expect(now().settings.prompt).toBe('First');
    expect(now().opening).toMatchObject({ status: 'run', opened: { from: 'own' } });
    forward();
    await still();
    expect(shown()).toBe('Second');
    expect([prompts(), at()]).toEqual([['First', 'Second'], 1]);
  });

  it('bring back view and pin as they were left', async () => {
    const { now, back, ask, still } = visit();
    await still();
    await ask('First');
    now().setView('logits');
    now().pinStep(4);
    await still();
    await ask('Second');
    now().setView('dials');
    await still();
    back();
    await still();
    expect(now()).toMatchObject({ view: 'logits', pinnedStep: 4 });
  });

  it('put aside what was typed and not run', async () => {
    const { now, back, ask, still } = visit();
    await still();
    await ask('First');
    await ask('Second');
    now().setPrompt('Typed');
    back();
    await still();
    expect(now().aside?.prompt).toBe('Typed');
  });

  it('let go of a link that was still to be written', async () => {
    const { now, back, ask, prompts, still, time, pauses } = visit();
    await still();
    await ask('First');
    await ask('Second');
    now().setPrompt('Third');
    now().start();
    await time.letGo();
    expect(pauses).not.toHaveLength(0);
    back();
    await still();
    expect(prompts()).toEqual(['First', 'Second']);
  });
});

describe('a page that is loaded again', () => {
  const shownOnce = async () => {
    const storage = storageWith();
    const first = visit(PAGE, { storage });
    await first.still();
    first.now().addLane();
    first.now().pinLane('lane-2', true);
    await first.ask('First');
    const again = async () => {
      const second = visit(first.hrefs()[0], { storage, reloaded: true, own: true });
      await second.still();
      return second;
    };
    return { ...first, again };
  };

  it('shows its run, and what was set and not run stays set', async () => {
    const { now, hrefs, again } = await shownOnce();
    now().setPrompt('Typed');
    now().setMaxNewTokens(7);
    const second = await again();
    expect(second.shown()).toBe('First');
    expect(second.now().settings).toEqual(now().settings);
    expect(second.now().aside).toBeNull();
    expect(second.hrefs()).toEqual(hrefs());
    expect(second.now().opening).toMatchObject({ status: 'run', opened: { from: 'own' } });
  });

  it('makes the run that a change of lanes had begun', async () => {
    const { now, again } = await shownOnce();
    now().setLaneFault('lane-1', HEALTHY);
    now().setPrompt('Typed');
    const second = await again();
    expect(second.now().settings).toEqual(now().settings);
    expect(recordOf(second.now().run)?.settings).toMatchObject({
      prompt: 'First',
      lanes: [{ fault: { kind: 'uninitialised' } }, { fault: HEALTHY }],
    });
    expect(second.prompts()).toEqual(['First']);
    expect(parseLink(second.hrefs()[0] ?? '').lanes[2]?.fault).toEqual(HEALTHY);
  });

  it('opens its link like any other where nothing could be kept', async () => {
    const { hrefs } = await shownOnce();
    const second = visit(hrefs()[0], { reloaded: true, own: true });
    await second.still();
    expect(second.shown()).toBe('First');
    expect(second.now().settings.lanes).toHaveLength(2);
    expect(second.hrefs()).toEqual(hrefs());
  });
});

describe('a link', () => {
  it('opens at the start, and stands as it came', async () => {
    const repro = await madeRepro((now) => now.setPrompt('Theirs'));
    const { now, hrefs, shown, still } = visit(linkOf(repro));
    await still();
    expect(shown()).toBe('Theirs');
    expect(now()).toMatchObject({
      view: 'logits',
      pinnedStep: 2,
      opening: { status: 'run', opened: { repro, from: 'link' } },
    });
    expect(hrefs()).toEqual([linkOf(repro)]);
  });

  it('without a view stands as it came as well, until one is chosen', async () => {
    const repro = { ...(await madeRepro()), view: null };
    const { now, hrefs, still } = visit(linkOf(repro));
    await still();
    expect(hrefs()).toEqual([linkOf(repro)]);
    now().setView('dials');
    await still();
    expect(hrefs()).toEqual([linkOf({ ...repro, view: 'dials' })]);
  });

  it('keeps what it expects under another view, so that a reload gives the same verdict', async () => {
    const repro = withAnotherToken(await madeRepro(), 1, 3, 77);
    const first = visit(linkOf(repro));
    await first.still();
    first.now().setView('dials');
    first.now().renameLane('lane-1', 'Lost');
    await first.still();
    const [href = ''] = first.hrefs();
    expect(href).not.toBe(linkOf(repro));
    const second = visit(href);
    await second.still();
    for (const { now } of [first, second]) {
      const { opening, run, view } = now();
      expect(view).toBe('dials');
      expect(opening?.status === 'run' && judge(opening.opened, run)).toMatchObject({
        verdict: { kind: 'parted', lane: 1, step: 3 },
      });
    }
  });

  it('is not written over by another run: it is there to go back to', async () => {
    const repro = await madeRepro((now) => now.setPrompt('Theirs'));
    const { now, back, hrefs, still, shown } = visit(linkOf(repro));
    await still();
    now().setView('dials');
    await still();
    now().setLaneFault('lane-1', HEALTHY);
    await still();
    now().setLaneFault('lane-1', { kind: 'nan' });
    await still();
    expect(hrefs()).toHaveLength(2);
    expect(hrefs()[0]).toBe(linkOf({ ...repro, view: 'dials' }));
    back();
    await still();
    expect(shown()).toBe('Theirs');
    expect(now().opening).toMatchObject({ opened: { from: 'link' } });
  });

  it('that is pasted in opens like any other', async () => {
    const repro = await madeRepro((now) => now.setPrompt('Theirs'));
    const { now, paste, prompts, shown, ask, still } = visit();
    await still();
    await ask('Mine');
    paste(linkOf(repro));
    await still();
    expect(shown()).toBe('Theirs');
    expect(prompts()).toEqual(['Mine', 'Theirs']);
    expect(now().opening).toMatchObject({ opened: { from: 'link' } });
  });

  it('of a file that was opened makes an entry, with what the file expects', async () => {
    const repro = withAnotherToken(await madeRepro((now) => now.setPrompt('Theirs')), 1, 3, 77);
    const { now, hrefs, ask, still } = visit();
    await still();
    await ask('Mine');
    now().open(repro);
    await still();
    expect(hrefs()).toHaveLength(2);
    expect(parseLink(hrefs()[1] ?? '').expectation).toEqual(repro.expectation);
    now().setLaneFault('lane-1', HEALTHY);
    await still();
    expect(hrefs()).toHaveLength(3);
  });

  it.each<[string, (href: string) => string]>([
    ['cut off', (href) => href.slice(0, -3)],
    ['altered', (href) => `${href.slice(0, -8)}AAAAAAAA`],
    ['of a later version', (href) => href.replace('#1.', '#999.')],
    ['of something else', () => `${PAGE}#nonsense`],
  ])('that is %s is refused, changes nothing and stays until the next run', async (_, damage) => {
    const href = damage(linkOf(await madeRepro()));
    const { now, paste, hrefs, ask, still } = visit();
    await still();
    await ask('Mine');
    now().setPrompt('Typed');
    const { settings, run } = now();
    paste(href);
    await still();
    expect(now()).toMatchObject({ settings, run, opening: { status: 'refused' } });
    now().setView('dials');
    await still();
    expect(hrefs()[1]).toBe(href);
    await ask('Mine again');
    expect(hrefs()).toHaveLength(3);
    expect(now().opening).toBeNull();
  });

  it('of other weights leaves the bar to itself, and runs into the same entry', async () => {
    const made = await madeRepro();
    const repro = { ...made, model: { ...made.model, sha256: '0123456789abcdef' } };
    const { now, hrefs, still } = visit(linkOf(repro));
    await still();
    expect(now().run.status).toBe('idle');
    now().runAllTheSame();
    await still();
    expect(now().run.status).toBe('done');
    expect(hrefs()).toEqual([linkOf(repro)]);
  });
});
