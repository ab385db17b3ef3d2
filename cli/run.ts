import { formatFault } from '../src/core/faultText';
import type { RunArguments } from './arguments';
import { compare, withEngine } from './compare';
import { type Comparison, describeComparison } from './comparison';
import { loadModel } from './loadModel';

/** Loads the model, runs the lanes, and writes the comparison to stdout. */
export async function runComparison(options: RunArguments): Promise<void> {
  const comparison = await withEngine(async (engine) =>
    compare(engine, await loadModel(engine, options.model), options),
  );
  const text = options.json
    ? JSON.stringify(toJson(comparison), null, 2)
    : describeComparison(comparison);
  process.stdout.write(`${text}\n`);
}

/** The document that `--json` prints. */
function toJson({ model, request, summary, steps, started, distributions }: Comparison) {
  const { hub, commit } = model.origin;
  const forced = request.mode === 'teacher-forced';
  const { prefillMs, decodeMs, tokensPerSecond } = summary.timing;
  return {
    model: { id: model.id, sha256: model.sha256, hub, commit, packing: model.packing },
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
