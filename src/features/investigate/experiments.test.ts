import { expect, it } from 'vitest';
import { Failure } from '../../core/errors';
import { createScriptedEngine } from '../../engine/scriptedEngine';
import { createLaboratory } from '../../state/laboratory';
import { createExperiments, findingOf } from './experiments';

const laboratory = () =>
  createLaboratory({
    engine: createScriptedEngine({ says: () => [], tick: () => Promise.resolve() }),
    model: { id: 'scripted', location: '' },
  });

it('goes from running to its finding, which stays while it is made again', async () => {
  const experiments = createExperiments<number>(laboratory());
  const { start } = experiments.getState();
  const status = () => experiments.getState().bySlug.a;
  const first = start('a', () => Promise.resolve(1));
  expect(status()).toEqual({ status: 'running', last: null });
  await first;
  expect(status()).toEqual({ status: 'done', finding: 1 });
  const second = start('a', () => Promise.resolve(2));
  expect(findingOf(status())).toBe(1);
  await second;
  expect(findingOf(status())).toBe(2);
});

it('is made once at a time', async () => {
  const experiments = createExperiments<number>(laboratory());
  const { start } = experiments.getState();
  let made = 0;
  const experiment = () => Promise.resolve(++made);
  await Promise.all([start('a', experiment), start('a', experiment)]);
  expect(made).toBe(1);
});

it('says what went wrong, and can be made again; others go on', async () => {
  const experiments = createExperiments<number>(laboratory());
  const { start } = experiments.getState();
  const failing = start('a', () => Promise.reject(new Failure('network', 'No answer.')));
  const other = start('b', () => Promise.resolve(7));
  await Promise.all([failing, other]);
  const { a, b } = experiments.getState().bySlug;
  expect(a).toMatchObject({ status: 'failed', error: { code: 'network' } });
  expect(findingOf(a)).toBeNull();
  expect(findingOf(b)).toBe(7);
  await start('a', () => Promise.resolve(3));
  expect(findingOf(experiments.getState().bySlug.a)).toBe(3);
});
