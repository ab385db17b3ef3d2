import type { FinishedRun } from '../repro/repro';
import { reproModelOf } from '../repro/reproModel';
import type { RunRecord } from './run';

/** The run as links, bundles and the history have it; null until it has ended and all its tokens have arrived. */
export function finishedRunOf({
  settings: { prompt, mode, maxNewTokens },
  model,
  modelBytes,
  lanes,
  summary,
}: RunRecord): FinishedRun | null {
  if (summary === null) return null;
  const results = summary.lanes.map((result, lane) => ({
    ...result,
    steps: (lanes[lane]?.steps ?? []).map(({ top }) => ({ top })),
  }));
  // The last tokens come on another channel than the summary, and may come after it.
  if (results.some(({ ids, steps }) => steps.length !== ids.length)) return null;
  return {
    model: reproModelOf(model, modelBytes),
    prompt,
    lanes: lanes.map(({ spec: { name = '', fault, guard } }) => ({ name, fault, guard })),
    mode,
    maxNewTokens,
    executionProvider: summary.executionProvider,
    promptIds: summary.promptIds,
    results,
  };
}
