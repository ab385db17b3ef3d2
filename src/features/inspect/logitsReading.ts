import type { RunDistributions } from '../../protocol/inspection';
import type { RunRecord } from '../../state/run';
import type { NumbersTable } from '../../ui/figure/csv';
import { type InspectedRun, quoted } from './inspectedRun';
import { ALL_MEASURES, MEASURES, measureText } from './logitsMeasure';

/** Steps of the longest lane. */
export function stepCount({ lanes }: Pick<RunRecord, 'lanes'>): number {
  return Math.max(0, ...lanes.map(({ steps }) => steps.length));
}

/**
 * The step that is read: the one that the visitor pinned, else the first at which some lane chose another token than the
 * healthy one, else the first.
 */
export function shownStep({ lanes }: Pick<RunRecord, 'lanes'>, pinned: number | null): number {
  const count = stepCount({ lanes });
  const [healthy, ...others] = lanes;
  const differs = (step: number) =>
    others.some(({ steps }) => {
      const own = steps[step];
      return own !== undefined && own.id !== healthy?.steps[step]?.id;
    });
  const first = Array.from({ length: count }, (_, step) => step).find(differs);
  return Math.max(0, Math.min(pinned ?? first ?? 0, count - 1));
}

/** Why a lane has nothing at a step, or null if it has. */
export function absence(record: Pick<RunRecord, 'lanes'>, lane: number, step: number) {
  const { steps, stopped } = record.lanes[lane] ?? { steps: [], stopped: null };
  if (step < steps.length) return null;
  return stopped === 'non-finite'
    ? `NaN: logits are not a number from token ${steps.length + 1} on`
    : `ended after ${tokenCount(steps.length)}`;
}

/** One lane at a step, in words. */
export function laneReading(
  { record, lanes }: InspectedRun,
  distributions: RunDistributions,
  lane: number,
  step: number,
): string {
  const name = lanes[lane]?.name ?? '';
  const missing = absence(record, lane, step);
  if (missing !== null) return `${name}: ${missing}`;
  const at = distributions.lanes[lane]?.[step];
  const token = record.lanes[lane]?.steps[step];
  const parts = ALL_MEASURES.map(
    (measure) => `${MEASURES[measure].name} ${measureText(measure, at?.[measure])}`,
  );
  return `${name}: ${token ? quoted(token) : ''}, ${parts.join(', ')}`;
}

/** A row for each step and lane. */
export function logitsNumbers(
  { record, lanes }: InspectedRun,
  distributions: RunDistributions,
): NumbersTable {
  return {
    caption: 'Entropy, KL(healthy ‖ lane), rank and probability of the healthy token',
    columns: [
      'generated token',
      'lane',
      'token',
      'id',
      'logit',
      'KL(healthy ‖ lane), nats',
      'entropy, nats',
      'rank of the healthy token',
      'probability of the healthy token',
    ],
    rowCount: stepCount(record) * lanes.length,
    row: (index) => {
      const lane = index % lanes.length;
      const step = Math.floor(index / lanes.length);
      const token = record.lanes[lane]?.steps[step];
      const at = distributions.lanes[lane]?.[step];
      return [
        step + 1,
        lanes[lane]?.name ?? '',
        token === undefined ? absence(record, lane, step) : quoted(token),
        token?.id ?? null,
        token?.top[0]?.logit ?? null,
        at?.kl ?? null,
        at?.entropy ?? null,
        at?.rank ?? null,
        at?.probability ?? null,
      ];
    },
  };
}

/** "1 token", "18 tokens" */
export function tokenCount(count: number): string {
  return count === 1 ? '1 token' : `${count} tokens`;
}
