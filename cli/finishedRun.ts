import { version } from '../package.json';
import type { FinishedRun } from '../src/repro/repro';
import { reproModelOf } from '../src/repro/reproModel';
import type { Comparison } from './comparison';

/** Of this project. */
export const APP_VERSION: string = version;

/** A comparison as links and bundles have it. Its lanes have no names of their own. */
export function finishedRunOf({
  model,
  modelBytes,
  request,
  summary,
  steps,
}: Comparison): FinishedRun {
  const { prompt, lanes, mode = 'free', maxNewTokens } = request;
  return {
    model: reproModelOf(model, modelBytes),
    prompt,
    lanes: lanes.map(({ fault, guard }) => ({ name: '', fault, guard })),
    mode,
    maxNewTokens,
    executionProvider: summary.executionProvider,
    promptIds: summary.promptIds,
    results: summary.lanes.map((result, lane) => ({
      ...result,
      steps: (steps[lane] ?? []).map(({ top }) => ({ top })),
    })),
  };
}
