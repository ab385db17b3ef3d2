import { basename, resolve } from 'node:path';
import { type AppError, Failure, type Result } from '../src/core/errors';
import { formatFault } from '../src/core/faultText';
import type { LaneStep, RunRequest } from '../src/protocol/engineApi';
import { Engine } from '../workers/engine';
import { nodeRuntime } from '../workers/nodeRuntime';
import type { RunArguments } from './arguments';
import { type Comparison, describeComparison } from './comparison';
import { directorySource } from './directorySource';

/** Loads the model, runs the lanes, and writes the comparison to stdout. */
export async function runComparison(options: RunArguments): Promise<void> {
  const engine = new Engine({ runtime: nodeRuntime, openSource: directorySource, graph: 'built' });
  const comparison = await compare(engine, options);
  await engine.dispose();
  const text = options.json
    ? JSON.stringify(toJson(comparison), null, 2)
    : describeComparison(comparison);
  process.stdout.write(`${text}\n`);
}

async function compare(engine: Engine, options: RunArguments): Promise<Comparison> {
  const location = resolve(options.model);
  const id = basename(location);
  const model = unwrap(
    await engine.load({ location, id, executionProvider: 'auto' }, () => undefined),
  );
  const { prompt, lanes, maxNewTokens, topK, mode } = options;
  const request: RunRequest = { runId: 1, prompt, lanes, maxNewTokens, topK, mode };
  const steps: LaneStep[][] = lanes.map(() => []);
  let started: Comparison['started'] | undefined;
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
  const { code, message }: AppError = result.error;
  throw new Failure(code, message);
}

/** The document that `--json` prints. */
function toJson({ model, request, summary, steps, started, distributions }: Comparison) {
  const forced = request.mode === 'teacher-forced';
  const { prefillMs, decodeMs, tokensPerSecond } = summary.timing;
  return {
    model: { id: model.id, sha256: model.sha256 },
    executionProvider: summary.executionProvider,
    mode: request.mode,
    prompt: { text: request.prompt, ids: summary.promptIds },
    lanes: summary.lanes.map(({ ids, text, stopped }, lane) => ({
      fault: formatFault(request.lanes[lane]?.fault ?? { kind: 'none' }),
      guard: request.lanes[lane]?.guard ?? 'none',
      guardFired: started.rotations[lane]?.guardFired ?? false,
      tablesIdentical: started.rotations[lane]?.tablesIdentical ?? false,
      ids,
      text,
      stopped,
      steps: (steps[lane] ?? []).map(({ top }, step) => ({
        top: top.map(({ id, token, logit }) => ({ id, token, logit })),
        ...(forced ? { kl: distributions.lanes[lane]?.[step]?.kl ?? null } : {}),
      })),
    })),
    firstDivergence: summary.firstDivergence,
    timing: { loadMs: model.loadMs, prefillMs, decodeMs, tokensPerSecond },
  };
}
