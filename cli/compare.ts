import { Failure } from '../src/core/errors';
import type { LaneStep, RunEvent, RunRequest } from '../src/protocol/engineApi';
import { Engine } from '../workers/engine';
import { nodeRuntime } from '../workers/nodeRuntime';
import type { ModelStore } from '../workers/store/modelStore';
import type { Comparison } from './comparison';
import type { ReadyModel } from './loadModel';
import { nodeSources, nodeStore } from './nodeSource';
import { unwrap } from './unwrap';

/** The engine under Node, for as long as `work` takes. */
export async function withEngine<T>(
  work: (engine: Engine) => Promise<T>,
  store: ModelStore = nodeStore(),
): Promise<T> {
  const engine = new Engine({
    runtime: nodeRuntime,
    openSource: nodeSources(store),
    store: () => Promise.resolve(store),
    graph: 'built',
  });
  try {
    return await work(engine);
  } finally {
    await engine.dispose();
  }
}

/** Runs the lanes of a request with the model that is loaded. */
export async function compare(
  engine: Engine,
  { model, bytes: modelBytes }: ReadyModel,
  settings: Omit<RunRequest, 'runId'>,
): Promise<Comparison> {
  const { prompt, lanes, maxNewTokens, topK, mode = 'free' } = settings;
  const request: RunRequest = { runId: 1, prompt, lanes, maxNewTokens, topK, mode };
  const steps: LaneStep[][] = lanes.map(() => []);
  let started: Extract<RunEvent, { type: 'started' }> | undefined;
  const summary = unwrap(
    await engine.run(request, (event) => {
      if (event.type === 'started') started = event;
      else event.steps.forEach((batch, lane) => steps[lane]?.push(...batch));
    }),
  );
  if (!started) throw new Failure('internal', 'The run ended without having started.');
  const distributions = unwrap(await engine.distributions(request.runId));
  return { model, modelBytes, request, summary, steps, started, distributions };
}
