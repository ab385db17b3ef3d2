import { expect, it } from 'vitest';
import { appError } from '../core/errors';
import { HEALTHY_LANE } from '../core/lanes';
import { createScriptedEngine } from '../engine/scriptedEngine';
import { createLaboratory } from './laboratory';

const MODEL = { id: 'scripted', location: 'models/scripted/' };
const REQUEST = { prompt: 'one two', lanes: [HEALTHY_LANE], maxNewTokens: 4, topK: 1 };
const SAYS = () => [' three', ' four'];
const soon = () => Promise.resolve();

it('loads once for all who ask, on WASM, and says how far it is', async () => {
  const engine = createScriptedEngine({ says: SAYS, tick: soon });
  const laboratory = createLaboratory({ engine, model: MODEL });
  const statuses: string[] = [];
  laboratory.store.subscribe(({ model }) => void statuses.push(model.status));
  const [first, second] = await Promise.all([laboratory.model(), laboratory.model()]);
  expect(first).toBe(second);
  expect(await laboratory.model()).toBe(first);
  const { id, location } = MODEL;
  expect(engine.loads).toEqual([
    { id, reference: { kind: 'directory', location }, executionProvider: 'wasm', packing: 'keep' },
  ]);
  expect(statuses[0]).toBe('loading');
  expect(statuses.at(-1)).toBe('ready');
});

it('gives what a run said, lane by lane, and runs aside', async () => {
  const engine = createScriptedEngine({ says: SAYS, tick: soon });
  const laboratory = createLaboratory({ engine, model: MODEL });
  const { prompt, rotations, steps, summary } = await laboratory.run({
    ...REQUEST,
    lanes: [HEALTHY_LANE, HEALTHY_LANE],
  });
  expect(prompt.map(({ text }) => text)).toEqual(['one', ' two']);
  expect(rotations).toHaveLength(2);
  expect(steps.map((lane) => lane.map(({ text }) => text))).toEqual([SAYS(), SAYS()]);
  expect(summary.lanes[0]?.text).toBe(' three four');
  expect(engine.runs[0]?.aside).toBe(true);
});

it('throws what the engine answers, and loads again at the next attempt', async () => {
  let failures = 1;
  const engine = createScriptedEngine({
    says: SAYS,
    tick: soon,
    loadError: () => (failures-- > 0 ? appError('network', 'No answer.') : undefined),
  });
  const laboratory = createLaboratory({ engine, model: MODEL });
  await expect(laboratory.run(REQUEST)).rejects.toMatchObject({ code: 'network' });
  expect(laboratory.store.getState().model).toMatchObject({ status: 'failed' });
  expect((await laboratory.run(REQUEST)).summary.lanes).toHaveLength(1);
  expect(engine.loads).toHaveLength(2);
});

it('knows that the model is gone with its worker, and loads it for the next run', async () => {
  const engine = createScriptedEngine({ says: SAYS, tick: soon });
  const laboratory = createLaboratory({ engine, model: MODEL });
  await laboratory.model();
  const run = laboratory.run(REQUEST);
  engine.crash();
  await expect(run).rejects.toMatchObject({ name: 'Failure' });
  expect(laboratory.store.getState().model.status).toBe('failed');
  expect((await laboratory.run(REQUEST)).steps[0]).toHaveLength(2);
  expect(engine.loads).toHaveLength(2);
});

it('loads afresh when asked to, also while a load goes on and after one that failed', async () => {
  let failures = 0;
  const engine = createScriptedEngine({
    says: SAYS,
    tick: soon,
    loadError: () => (failures-- > 0 ? appError('network', 'No answer.') : undefined),
  });
  const laboratory = createLaboratory({ engine, model: MODEL });
  const first = laboratory.model();
  const second = laboratory.reload();
  expect(await second).not.toBe(await first);
  expect(await laboratory.model()).toBe(await second);
  expect(engine.loads).toHaveLength(2);
  failures = 1;
  await expect(laboratory.reload()).rejects.toMatchObject({ code: 'network' });
  expect((await laboratory.reload()).id).toBe('scripted');
});

it('lets work take turns, after work that failed too', async () => {
  const engine = createScriptedEngine({ says: SAYS, tick: soon });
  const laboratory = createLaboratory({ engine, model: MODEL });
  const order: string[] = [];
  const first = laboratory.inTurn(async () => {
    await laboratory.run(REQUEST);
    order.push('first');
    throw new Error('as arranged');
  });
  const second = laboratory.inTurn(() => {
    order.push('second');
    return Promise.resolve(2);
  });
  await expect(first).rejects.toThrow('as arranged');
  expect(await second).toBe(2);
  expect(order).toEqual(['first', 'second']);
});
