import { describe, expect, it } from 'vitest';
import { appError } from '../core/errors';
import { HEALTHY } from '../core/faults';
import { HEALTHY_LANE, type LaneSpec } from '../core/lanes';
import type { RunEvent } from '../protocol/engineApi';
import { laneSetting } from './lanes';
import { divergenceOf, recordOf } from './run';
import { DEFAULT_SETTINGS } from './settings';
import {
  HEALTHY_TEXT,
  LOST_TEXT,
  settled,
  setUp,
  setUpReady,
  storageWith,
} from './testing/scriptedPlayground';

describe('a load', () => {
  it('shows bytes as they arrive, then the model', async () => {
    const { time, now } = setUp();
    void now().load();
    await time.step(2);
    expect(now().model).toMatchObject({
      status: 'loading',
      progress: { phase: 'files', loadedBytes: 2_000_000, totalBytes: 4_000_000 },
    });
    await time.step();
    expect(now().model).toMatchObject({ status: 'ready', model: { id: 'scripted' } });
  });

  it('that fails is kept as data, and can be tried again', async () => {
    let broken = true;
    const error = appError('network', 'model.safetensors answered 404.');
    const { time, now } = setUp({ loadError: () => (broken ? error : undefined) });
    await time.letGo();
    await now().load();
    expect(now().model).toEqual({ status: 'failed', error });
    broken = false;
    await now().load();
    expect(now().model.status).toBe('ready');
  });

  it('with another execution provider replaces the one that is going on', async () => {
    const { time, engine, now } = setUp();
    void now().load();
    await time.step();
    now().setExecutionProvider('webgpu');
    await time.letGo();
    expect(engine.loads.map(({ executionProvider }) => executionProvider)).toEqual([
      'auto',
      'webgpu',
    ]);
    expect(now().model).toMatchObject({ model: { executionProvider: 'webgpu' } });
  });
});

describe('a run', () => {
  it('pressed while the model loads waits for it, and then runs', async () => {
    const { time, engine, now, texts } = setUp();
    void now().load();
    await time.step();
    now().start();
    expect(now().run.status).toBe('loading');
    expect(engine.runs).toHaveLength(0);
    await time.step(2);
    expect(now().run.status).toBe('running');
    await time.letGo();
    expect(now().run.status).toBe('done');
    expect(texts()).toEqual([HEALTHY_TEXT, LOST_TEXT]);
    expect(engine.loads).toHaveLength(1);
  });

  it('loads the model if nothing does', async () => {
    const { time, engine, now } = setUp();
    now().start();
    await time.letGo();
    expect(engine.loads).toHaveLength(1);
    expect(now().run.status).toBe('done');
  });

  it('that waits fails with the load, and the retry of both works', async () => {
    let broken = true;
    const error = appError('weights-truncated', 'model.safetensors ends too soon.');
    const { time, now } = setUp({ loadError: () => (broken ? error : undefined) });
    now().start();
    await time.letGo();
    expect(now().run).toMatchObject({ status: 'failed', error });
    broken = false;
    now().start();
    await time.letGo();
    expect(now().run.status).toBe('done');
  });

  it('decodes both lanes side by side and finds where they part', async () => {
    const { time, now, texts } = await setUpReady();
    now().start();
    await time.step(2);
    expect(texts()).toEqual([[' Paris'], [' Paris']]);
    const early = recordOf(now().run);
    expect(early && divergenceOf(early, 1)).toBeNull();
    await time.step();
    expect(texts()).toEqual([
      [' Paris', '.'],
      [' Paris', ' is'],
    ]);
    const record = recordOf(now().run);
    expect(record && divergenceOf(record, 1)).toBe(1);
  });

  it('goes from running to stopping to done, and keeps what it had', async () => {
    const { time, now, texts } = await setUpReady();
    now().start();
    await time.step(3);
    now().stop();
    expect(now().run.status).toBe('stopping');
    await time.letGo();
    expect(now().run.status).toBe('done');
    expect(texts()[0]).toHaveLength(2);
    expect(recordOf(now().run)?.lanes.map(({ stopped }) => stopped)).toEqual([
      'cancelled',
      'cancelled',
    ]);
    now().start();
    await settled();
    expect(texts()).toEqual([HEALTHY_TEXT, LOST_TEXT]);
  });

  it('drops the batches of another run', async () => {
    let late: ((event: RunEvent) => void) | undefined;
    const { time, now, texts } = await setUpReady({
      wrap: (engine) => ({
        ...engine,
        run: (request, onEvent) => {
          late ??= onEvent;
          return engine.run(request, onEvent);
        },
      }),
    });
    now().start();
    await time.letGo();
    now().start();
    await settled();
    const before = now().run;
    const token = { id: 9, text: ' stale', label: ' stale', top: [] };
    late?.({ type: 'tokens', runId: 1, steps: [[token], [token]] });
    expect(now().run).toBe(before);
    expect(texts().flat()).not.toContain(' stale');
  });

  it('keeps its own settings while the visitor types others', async () => {
    const { time, now } = await setUpReady();
    await time.letGo();
    now().start();
    await settled();
    now().setPrompt('Once upon a time');
    now().setMaxNewTokens(3);
    expect(now().settings).toMatchObject({ prompt: 'Once upon a time', maxNewTokens: 3 });
    expect(recordOf(now().run)?.settings).toMatchObject({
      prompt: DEFAULT_SETTINGS.prompt,
      maxNewTokens: DEFAULT_SETTINGS.maxNewTokens,
    });
  });

  it('is made again, with its own prompt and no reload, when the fault is switched', async () => {
    const { time, engine, now, texts } = await setUpReady();
    await time.letGo();
    now().setLaneFault('lane-1', HEALTHY);
    expect(engine.runs).toHaveLength(0);
    now().setLaneFault('lane-1', { kind: 'zero' });
    now().start();
    await settled();
    now().setPrompt('not yet run');
    now().setLaneFault('lane-1', HEALTHY);
    await settled();
    expect(texts()).toEqual([HEALTHY_TEXT, HEALTHY_TEXT]);
    expect(recordOf(now().run)?.settings).toMatchObject({
      prompt: DEFAULT_SETTINGS.prompt,
      lanes: [{ fault: HEALTHY }],
    });
    expect(engine.loads).toHaveLength(1);
  });

  it('that is going on stops first when the guard is changed, then runs guarded', async () => {
    const { time, engine, now, texts } = await setUpReady();
    now().start();
    await time.step(3);
    now().setLaneGuard('lane-1', 'patch5');
    expect(now().run.status).toBe('stopping');
    await time.letGo();
    expect(now().run.status).toBe('done');
    expect(engine.runs.map(({ lanes }) => lanes[1]?.guard)).toEqual(['none', 'patch5']);
    expect(recordOf(now().run)?.lanes[1]?.rotation).toMatchObject({
      guardFired: true,
      tablesIdentical: true,
    });
    expect(texts()).toEqual([HEALTHY_TEXT, HEALTHY_TEXT]);
  });

  it('keeps the pinned step when its lanes change, and loses it when Run is pressed', async () => {
    const { time, now } = await setUpReady();
    await time.letGo();
    now().start();
    await settled();
    now().pinStep(2);
    now().addLane();
    await settled();
    expect(now().pinnedStep).toBe(2);
    now().start();
    expect(now().pinnedStep).toBeNull();
  });

  it('with an empty prompt says so and leaves the last run on screen', async () => {
    const { time, engine, now, texts } = await setUpReady();
    await time.letGo();
    now().start();
    await settled();
    now().setPrompt('  ');
    now().start();
    expect(now().run).toMatchObject({ status: 'failed', error: { code: 'prompt-empty' } });
    expect(texts()).toEqual([HEALTHY_TEXT, LOST_TEXT]);
    expect(engine.runs).toHaveLength(1);
  });

  it('that the engine refuses leaves the last run on screen', async () => {
    let refuse = false;
    const error = appError('context-exceeded', 'Too long.');
    const { time, now, texts } = await setUpReady({
      wrap: (engine) => ({
        ...engine,
        run: (request, onEvent) =>
          refuse ? Promise.resolve({ ok: false, error }) : engine.run(request, onEvent),
      }),
    });
    await time.letGo();
    now().start();
    await settled();
    refuse = true;
    now().start();
    await settled();
    expect(now().run).toMatchObject({ status: 'failed', error });
    expect(texts()).toEqual([HEALTHY_TEXT, LOST_TEXT]);
    expect(now().model.status).toBe('ready');
  });
});

describe('the lanes', () => {
  const shownRun = async () => {
    const world = await setUpReady();
    await world.time.letGo();
    world.now().start();
    await settled();
    return world;
  };
  const kinds = ({ now }: Awaited<ReturnType<typeof shownRun>>) =>
    now().settings.lanes.map(({ fault }) => fault.kind);
  const keys = ({ now }: Awaited<ReturnType<typeof shownRun>>) =>
    now().settings.lanes.map(({ key }) => key);

  it('are one batch, healthy first, and a lane that is added runs at once', async () => {
    const world = await shownRun();
    world.now().addLane();
    await settled();
    expect(world.engine.runs.at(-1)).toMatchObject({
      lanes: [
        HEALTHY_LANE,
        { fault: { kind: 'zero' }, guard: 'none' },
        { fault: { kind: 'uninitialised' }, guard: 'none' },
      ],
      mode: 'free',
    });
    expect(world.texts()).toHaveLength(3);
  });

  it('are eight at most, each of another kind, and one beside the healthy lane at least', async () => {
    const world = await shownRun();
    for (let i = 0; i < 10; i++) world.now().addLane();
    await settled();
    expect(new Set(kinds(world)).size).toBe(7);
    expect(new Set(keys(world)).size).toBe(7);
    expect(world.texts()).toHaveLength(8);
    for (const key of keys(world)) world.now().removeLane(key);
    expect(kinds(world)).toEqual(['position-stuck']);
  });

  it('that were removed come back in their place, as they were', async () => {
    const world = await shownRun();
    world.now().addLane();
    world.now().addLane();
    world.now().renameLane('lane-2', 'The one');
    const before = world.now().settings.lanes;
    world.now().removeLane('lane-2');
    await settled();
    expect(keys(world)).toEqual(['lane-1', 'lane-3']);
    expect(world.texts()).toHaveLength(3);
    world.now().undo();
    await settled();
    expect(world.now().settings.lanes).toEqual(before);
    expect(world.texts()).toHaveLength(4);
    expect(world.now().undoable).toBeNull();
  });

  it('come back under another key if theirs was taken meanwhile', async () => {
    const world = await shownRun();
    world.now().addLane();
    world.now().removeLane('lane-1');
    world.now().addLane();
    world.now().undo();
    expect(kinds(world)).toEqual(['zero', 'uninitialised', 'zero']);
    expect(new Set(keys(world)).size).toBe(3);
  });

  it('move within those that are pinned, or not pinned, like them', async () => {
    const world = await shownRun();
    world.now().addLane();
    world.now().addLane();
    world.now().pinLane('lane-3', true);
    expect(keys(world)).toEqual(['lane-3', 'lane-1', 'lane-2']);
    world.now().moveLane('lane-1', -1);
    expect(keys(world)).toEqual(['lane-3', 'lane-1', 'lane-2']);
    world.now().moveLane('lane-1', 1);
    world.now().moveLane('lane-1', 1);
    expect(keys(world)).toEqual(['lane-3', 'lane-2', 'lane-1']);
    await settled();
    expect(recordOf(world.now().run)?.settings.lanes.map(({ key }) => key)).toEqual(keys(world));
  });

  it('that are pinned outlive a preset, which can be taken back as long as it stands', async () => {
    const world = await shownRun();
    world.now().addLane();
    world.now().pinLane('lane-2', true);
    const before = world.now().settings.lanes;
    const preset: LaneSpec[] = [
      { fault: { kind: 'uninitialised' }, guard: 'none' },
      { fault: { kind: 'nan' }, guard: 'none' },
    ];
    world.now().applyPreset(preset);
    await settled();
    expect(kinds(world)).toEqual(['uninitialised', 'nan']);
    expect(world.texts()).toHaveLength(3);
    world.now().undo();
    expect(world.now().settings.lanes).toEqual(before);
    world.now().applyPreset(preset);
    world.now().setLaneGuard(keys(world)[1] ?? '', 'refill');
    expect(world.now().undoable).toBeNull();
  });

  it('take a name without another run, also on screen', async () => {
    const world = await shownRun();
    world.now().renameLane('lane-1', 'x'.repeat(50));
    expect(world.engine.runs).toHaveLength(1);
    expect(recordOf(world.now().run)?.lanes[1]?.spec.name).toBe('x'.repeat(40));
    expect(recordOf(world.now().run)?.lanes[1]?.steps).toHaveLength(LOST_TEXT.length);
  });

  it('keep the name that they had if the lane on screen is no longer the one that is named', async () => {
    let refuse = false;
    const error = appError('busy', 'Not now.');
    const { time, now } = await setUpReady({
      wrap: (engine) => ({
        ...engine,
        run: (request, onEvent) =>
          refuse ? Promise.resolve({ ok: false, error }) : engine.run(request, onEvent),
      }),
    });
    await time.letGo();
    now().start();
    await settled();
    refuse = true;
    now().setLaneFault('lane-1', { kind: 'nan' });
    await settled();
    now().renameLane('lane-1', 'Not a number');
    expect(recordOf(now().run)?.lanes[1]?.spec).toMatchObject({
      fault: { kind: 'zero' },
      name: '',
    });
  });

  it('of which a parameter is dragged run once, with the value that it stopped at', async () => {
    const world = await shownRun();
    world.now().setLaneFault('lane-1', { kind: 'scaled' });
    await settled();
    expect(world.engine.runs).toHaveLength(2);
    for (const alpha of [0.4, 0.3, 0.2]) {
      world.now().setLaneFault('lane-1', { kind: 'scaled', parameters: { alpha } });
    }
    await settled();
    expect(world.engine.runs).toHaveLength(2);
    await world.standStill();
    expect(world.engine.runs).toHaveLength(3);
    expect(world.engine.runs.at(-1)?.lanes[1]?.fault.parameters).toEqual({ alpha: 0.2 });
  });

  it('of which a parameter is dragged do not run again if Run was pressed first', async () => {
    const world = await shownRun();
    world.now().setLaneFault('lane-1', { kind: 'uninitialised' });
    world.now().setLaneFault('lane-1', { kind: 'uninitialised', parameters: { seed: 3 } });
    world.now().start();
    await world.standStill();
    expect(world.engine.runs.at(-1)?.lanes[1]?.fault.parameters).toEqual({ seed: 3 });
    expect(world.engine.runs).toHaveLength(3);
  });

  it('that are changed in the middle of a run wait for it to stop, and only the last change runs', async () => {
    const { time, engine, now } = await setUpReady();
    now().start();
    await time.step(3);
    now().addLane();
    now().setLaneFault('lane-2', { kind: 'nan' });
    now().setMode('teacher-forced');
    expect(now().run.status).toBe('stopping');
    await time.letGo();
    expect(engine.runs).toHaveLength(2);
    expect(engine.runs.at(-1)).toMatchObject({
      lanes: [HEALTHY_LANE, { fault: { kind: 'zero' } }, { fault: { kind: 'nan' } }],
      mode: 'teacher-forced',
    });
    expect(recordOf(now().run)?.settings.mode).toBe('teacher-forced');
  });

  it('that are switched off remember what they had lost', async () => {
    const { now } = await shownRun();
    const fault = { kind: 'scaled', parameters: { alpha: 0.25 } } as const;
    now().setLaneFault('lane-1', fault);
    now().setLaneFault('lane-1', HEALTHY);
    expect(now().settings.lanes[0]).toMatchObject({ fault: HEALTHY, lastFault: fault });
  });
});

describe('a worker that crashes', () => {
  it('fails the run and the model; pressing Run loads again and runs', async () => {
    const { time, engine, now, texts } = await setUpReady();
    now().start();
    await time.step(3);
    engine.crash();
    await settled();
    expect(now().run).toMatchObject({ status: 'failed', error: { code: 'worker-crashed' } });
    expect(now().model).toMatchObject({ status: 'failed', error: { code: 'worker-crashed' } });
    now().start();
    await time.letGo();
    expect(engine.loads).toHaveLength(2);
    expect(now().run.status).toBe('done');
    expect(texts()).toEqual([HEALTHY_TEXT, LOST_TEXT]);
  });

  it('while loading leaves a load that can be tried again', async () => {
    const { time, engine, now } = setUp();
    void now().load();
    await time.step();
    engine.crash();
    await settled();
    expect(now().model).toMatchObject({ status: 'failed', error: { code: 'worker-crashed' } });
    void now().load();
    await time.letGo();
    expect(now().model.status).toBe('ready');
  });
});

describe('the settings', () => {
  it('come back on the next visit', () => {
    const storage = storageWith();
    const first = setUp({ storage }).now();
    first.setPrompt('Count: three, four,');
    first.setLaneGuard('lane-1', 'refill');
    first.setMaxNewTokens(12);
    expect(setUp({ storage }).now().settings).toEqual({
      ...DEFAULT_SETTINGS,
      prompt: 'Count: three, four,',
      lanes: [laneSetting('lane-1', { fault: { kind: 'zero' }, guard: 'refill' })],
      maxNewTokens: 12,
    });
  });

  it.each(['no JSON', '7', 'null', '[]', '"text"'])('are the defaults if %s was stored', (text) => {
    expect(setUp({ storage: storageWith(text) }).now().settings).toEqual(DEFAULT_SETTINGS);
  });

  it('take the default for each field that cannot be, and keep the others', () => {
    const stored = {
      prompt: 'kept',
      fault: 'toString',
      guard: 5,
      maxNewTokens: 1e9,
      executionProvider: 'npu',
    };
    const { settings } = setUp({ storage: storageWith(JSON.stringify(stored)) }).now();
    expect(settings).toEqual({ ...DEFAULT_SETTINGS, prompt: 'kept' });
  });

  it('take over the two lanes of an earlier time', () => {
    const stored = { prompt: 'old', fault: 'tiny', guard: 'patch5' };
    const { settings } = setUp({ storage: storageWith(JSON.stringify(stored)) }).now();
    expect(settings).toEqual({
      ...DEFAULT_SETTINGS,
      prompt: 'old',
      lanes: [laneSetting('lane-1', { fault: { kind: 'tiny' }, guard: 'patch5' })],
    });
  });

  it('bring back lanes with their names, pins, parameters and the mode', () => {
    const storage = storageWith();
    const { now } = setUp({ storage });
    now().addLane({ fault: { kind: 'scaled', parameters: { alpha: 0.25 } }, guard: 'refill' });
    now().renameLane('lane-2', 'Dose');
    now().pinLane('lane-2', true);
    now().setLaneFault('lane-1', HEALTHY);
    now().setMode('teacher-forced');
    expect(setUp({ storage }).now().settings).toEqual(now().settings);
  });

  it('drop lanes that cannot be, and keep the others, seven at most and the pinned in front', () => {
    const good = { key: 'a', name: 'mine', fault: { kind: 'zero' }, guard: 'none', pinned: false };
    const alpha = (value: unknown) => ({ kind: 'scaled', parameters: { alpha: value } });
    const lanes = [
      good,
      { ...good, key: 'a' },
      { ...good, key: 'b', fault: alpha(2) },
      { ...good, key: 'c', fault: alpha('0.5') },
      { ...good, key: 'd', fault: { kind: 'toString' } },
      { ...good, key: 'e', guard: 'constructor' },
      7,
      { ...good, key: 'f', name: 'x'.repeat(99), pinned: true, lastFault: { kind: 'gone' } },
      ...Array.from({ length: 9 }, (_, i) => ({ ...good, key: `more-${i}` })),
    ];
    const { settings } = setUp({ storage: storageWith(JSON.stringify({ lanes })) }).now();
    expect(settings.lanes).toHaveLength(7);
    expect(settings.lanes.slice(0, 3)).toEqual([
      { ...good, key: 'f', name: '', pinned: true, lastFault: { kind: 'zero' } },
      { ...good, lastFault: { kind: 'zero' } },
      { ...good, key: 'more-0', lastFault: { kind: 'zero' } },
    ]);
  });

  it.each([[[]], ['lanes'], [[{ key: 'a' }]]])('are the default lane if %j was stored', (lanes) => {
    const { settings } = setUp({ storage: storageWith(JSON.stringify({ lanes })) }).now();
    expect(settings).toEqual(DEFAULT_SETTINGS);
  });

  it('work without storage', () => {
    const forbidden = () => {
      throw new Error('SecurityError');
    };
    const { now } = setUp({ storage: { getItem: forbidden, setItem: forbidden } });
    now().setPrompt('typed');
    expect(now().settings.prompt).toBe('typed');
  });
});
