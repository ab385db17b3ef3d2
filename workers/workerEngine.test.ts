import { afterEach, describe, expect, it } from 'vitest';
import { HEALTHY_LANE } from '../src/core/lanes';
import type { LoadRequest, RunEvent, RunRequest } from '../src/protocol/engineApi';
import { nodeRuntime } from './nodeRuntime';
import { memorySources } from './testing/modelSources';
import { randomModel, TINY_LLAMA } from './testing/randomModel';
import { WorkerEngine } from './workerEngine';

const LOAD: LoadRequest = {
  reference: { kind: 'directory', location: 'tiny' },
  id: 'tiny',
  executionProvider: 'auto',
};
const RUN: RunRequest = {
  runId: 1,
  prompt: 'ab',
  lanes: [HEALTHY_LANE],
  maxNewTokens: 3,
  topK: 1,
};

const engine = new WorkerEngine({
  runtime: nodeRuntime,
  openSource: memorySources({ tiny: randomModel(TINY_LLAMA) }),
  graph: 'built',
});

/** A listener at the far end of a slow port: it takes in a piece of news long after that was told. */
function slowListener<T>() {
  const taken: T[] = [];
  let before: Promise<unknown> = Promise.resolve();
  const listener = (news: T): Promise<void> => {
    const now = before
      .then(() => new Promise((resolve) => setTimeout(resolve, 20)))
      .then(() => void taken.push(news));
    before = now;
    return now;
  };
  return { taken, listener };
}

describe('the engine in a worker', () => {
  afterEach(() => engine.dispose());

  it('answers only when the page has taken in all news', async () => {
    const progress = slowListener();
    expect(await engine.load(LOAD, progress.listener)).toMatchObject({ ok: true });
    expect(progress.taken).not.toEqual([]);
    expect(progress.taken.at(-1)).toMatchObject({ phase: 'warm-up' });
    const events = slowListener<RunEvent>();
    const run = await engine.run(RUN, events.listener);
    if (!run.ok) throw new Error(run.error.message);
    const told = events.taken.flatMap((event) => (event.type === 'tokens' ? event.steps[0] : []));
    expect(told.map((step) => step?.id)).toEqual(run.value.lanes[0]?.ids);
    expect(told).toHaveLength(3);
  });

  it('answers as well where the page fails at its news', async () => {
    const fails = () => Promise.reject(new Error('the page has a bug'));
    expect(await engine.load(LOAD, fails)).toMatchObject({ ok: true });
    expect(await engine.run(RUN, fails)).toMatchObject({ ok: true });
  });
});
