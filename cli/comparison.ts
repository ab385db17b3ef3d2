import { FAULTS } from '../src/core/faults';
import type {
  LaneStep,
  LoadedModel,
  RunEvent,
  RunRequest,
  RunSummary,
} from '../src/protocol/engineApi';
import type { RunDistributions } from '../src/protocol/inspection';

/** Everything that a run gave, as both outputs need it. */
export interface Comparison {
  readonly model: LoadedModel;
  /** What there is to fetch of it; null for a model of no hub. */
  readonly modelBytes: number | null;
  readonly request: RunRequest;
  readonly summary: RunSummary;
  /** steps[lane][step] */
  readonly steps: readonly (readonly LaneStep[])[];
  readonly started: Extract<RunEvent, { type: 'started' }>;
  readonly distributions: RunDistributions;
}

/** A comparison for people: each lane's text, then where and by how much they part. */
export function describeComparison(comparison: Comparison): string {
  const { model, request, summary } = comparison;
  const { timing, executionProvider } = summary;
  const { commit } = model.origin;
  const speed = timing.tokensPerSecond?.toFixed(0) ?? '–';
  const lanes = summary.lanes.flatMap(({ text, stopped }, lane) => [
    '',
    `${laneName(comparison, lane)}  [${stopped}]`,
    `  ${JSON.stringify(text)}`,
  ]);
  return [
    [
      model.id,
      ...(commit === null ? [] : [`commit ${commit.slice(0, 12)}`]),
      `sha256 ${model.sha256.slice(0, 12)}`,
      `packing ${model.packing}`,
      executionProvider,
      `${speed} steps per second`,
    ].join('  '),
    ...model.notes,
    `Prompt: ${JSON.stringify(request.prompt)}`,
    ...lanes,
    '',
    describeDivergence(comparison),
  ].join('\n');
}

function laneName({ request, started }: Comparison, lane: number): string {
  const spec = request.lanes[lane];
  if (!spec) return `Lane ${lane}`;
  const { label } = FAULTS[spec.fault.kind];
  if (spec.guard === 'none') return label;
  const fired = started.rotations[lane]?.guardFired ? 'fired' : 'did not fire';
  return `${label}, guard ${spec.guard} (${fired})`;
}

function describeDivergence(comparison: Comparison): string {
  const { summary, steps } = comparison;
  if (summary.lanes.length < 2) return 'One lane: nothing to compare. Add --fault zero.';
  const step = summary.firstDivergence;
  if (step === null) return 'The first two lanes agree on every token.';
  const choice = (lane: number) => describeChoice(steps[lane]?.[step]);
  return `The first two lanes part at generated token ${step + 1}: ${choice(0)} against ${choice(1)}.`;
}

function describeChoice(step: LaneStep | undefined): string {
  const [first, second] = step?.top ?? [];
  if (!first) return 'nothing (it had ended)';
  const margin = second ? `, ${(first.logit - second.logit).toFixed(3)} ahead of the second` : '';
  return `${JSON.stringify(first.token)} (logit ${first.logit.toFixed(4)}${margin})`;
}
