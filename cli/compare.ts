import { basename, resolve } from 'node:path';
import { Failure, type Result } from '../src/core/errors';
import type { LaneStep, LoadedModel, RunEvent, RunRequest } from '../src/protocol/engineApi';
import { Engine } from '../workers/engine';
import { nodeRuntime } from '../workers/nodeRuntime';
import type { OpenSource } from '../workers/modelSource';
import type { Comparison } from './comparison';
import { directorySource } from './directorySource';

/** Sources of models under Node. */
const openSource: OpenSource = (reference) => {
  if (reference.kind === 'directory') return directorySource(reference.location);
  throw new Failure('model-not-found', 'Only directories can be read here.');
};

/** The engine under Node, for as long as `work` takes. */
export async function withEngine<T>(work: (engine: Engine) => Promise<T>): Promise<T> {
  const engine = new Engine({ runtime: nodeRuntime, openSource, graph: 'built' });
  try {
    return await work(engine);
  } finally {
    await engine.dispose();
  }
}

/** Loads the model of a directory, under the directory's name. */
export async function loadModel(engine: Engine, directory: string): Promise<LoadedModel> {
  const location = resolve(directory);
  const id = basename(location);
  const reference = { kind: 'directory', location } as const;
  const request = { reference, id, executionProvider: 'auto' } as const;
  return unwrap(await engine.load(request, () => undefined));
}

/** Runs the lanes of a request with the model that is loaded. */
export async function compare(
  engine: Engine,
  model: LoadedModel,
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
  return { model, request, summary, steps, started, distributions };
}

function unwrap<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  const { code, message } = result.error;
  throw new Failure(code, message);
}
