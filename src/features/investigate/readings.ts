import { Failure } from '../../core/errors';
import type { FaultKind, FaultParameters } from '../../core/faults';
import { HEALTHY_LANE, type LaneSpec } from '../../core/lanes';
import type { LaboratoryRun } from '../../state/laboratory';
import { numberText } from '../../ui/figure/numberText';
import { threeDecimals } from '../../ui/numbers';

export const LOST_LANE: LaneSpec = damaged('zero');

/** The two worlds of the case, as lanes. */
export const TWO_WORLDS: readonly LaneSpec[] = [HEALTHY_LANE, LOST_LANE];

export function damaged(kind: FaultKind, parameters?: FaultParameters): LaneSpec {
  return { fault: parameters ? { kind, parameters } : { kind }, guard: 'none' };
}

/** The largest |a − b|. NaN if the lengths differ, or if either holds anything that is not a number. */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Number.NaN;
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    largest = Math.max(largest, Math.abs((a[i] ?? Number.NaN) - (b[i] ?? Number.NaN)));
  }
  return largest;
}

/**
 * Logits [vocab] that a lane computed for its token of this step, from 0.
 * @throws Failure non-finite-logits
 */
export async function logitsAt(
  run: LaboratoryRun,
  lane: number,
  step: number,
): Promise<Float32Array> {
  const position = run.prompt.length - 1 + step;
  const { logits } = await run.trace({ lane, position });
  if (logits !== null) return logits;
  throw new Failure('non-finite-logits', `Lane ${lane} has no logits at step ${step}.`);
}

/** The largest difference between two lanes' logits over the first steps; of one run, or of two. */
export async function logitDifference(
  [a, laneA]: readonly [LaboratoryRun, number],
  [b, laneB]: readonly [LaboratoryRun, number],
  steps: number,
): Promise<number> {
  let largest = 0;
  for (let step = 0; step < steps; step++) {
    const [mine, other] = [await logitsAt(a, laneA, step), await logitsAt(b, laneB, step)];
    largest = Math.max(largest, largestDifference(mine, other));
  }
  return largest;
}

/** "exactly 0", or how much. */
export function amount(difference: number): string {
  return difference === 0 ? 'exactly 0' : numberText(difference, 3);
}

/** "1.000, 0.649, 0.422, 0.274". */
export function firstFour(values: ArrayLike<number>): string {
  return Array.from(values).slice(0, 4).map(threeDecimals).join(', ');
}
