import { firstDivergence } from '../../core/divergence';
import { HEALTHY_LANE, type LaneSpec, MAX_LANES } from '../../core/lanes';
import type { RunSummary } from '../../protocol/engineApi';
import type { RunDistributions } from '../../protocol/inspection';
import type { Packing } from '../../protocol/models';

/** What a sweep is made from. */
export interface SweepMaking {
  readonly prompt: string;
  readonly maxNewTokens: number;
  readonly model: { readonly id: string; readonly sha256: string; readonly packing?: Packing };
}

/** What one dose did. */
export interface DosePoint {
  /** Every frequency is multiplied by it: 1 is healthy, 0 collapsed. */
  readonly alpha: number;
  /** Generated token, from 0, at which the dose's own choice first differs from the healthy one; null if none does. */
  readonly firstDivergence: number | null;
  /** KL(healthy ‖ dose) in nats, the mean over `steps`. Null if no step has a number. */
  readonly meanKl: number | null;
  /** Steps whose KL is a number. */
  readonly steps: number;
}

export interface Sweep {
  readonly made: SweepMaking;
  /** From healthy to collapsed; the first is the healthy lane itself, at α = 1. */
  readonly points: readonly DosePoint[];
}

/** One batch: with the healthy lane, as many lanes as a batch takes. */
const COARSE: readonly number[] = [0.9, 0.75, 0.5, 0.35, 0.2, 0.1, 0];
/** Two batches, closer where a text turns first. */
const FINE: readonly (readonly number[])[] = [
  [0.99, 0.97, 0.95, 0.9, 0.85, 0.8, 0.75],
  [0.65, 0.5, 0.35, 0.25, 0.15, 0.05, 0],
];

/** The doses of each batch. The healthy lane comes on top, and is what they are measured against. */
export function sweepBatches(fine: boolean): readonly (readonly number[])[] {
  return fine ? FINE : [COARSE];
}

/** A healthy lane, and one for each dose. */
export function doseLanes(alphas: readonly number[]): readonly LaneSpec[] {
  const doses = alphas.map((alpha): LaneSpec => ({
    fault: { kind: 'scaled', parameters: { alpha } },
    guard: 'none',
  }));
  return [HEALTHY_LANE, ...doses].slice(0, MAX_LANES);
}

/** What a batch says: α = 1 from its healthy lane, then its doses. */
export function pointsOfBatch(
  alphas: readonly number[],
  { lanes }: Pick<RunSummary, 'lanes'>,
  distributions: RunDistributions,
): DosePoint[] {
  const healthy = lanes[0]?.ids ?? [];
  return [1, ...alphas].map((alpha, lane) => ({
    alpha,
    firstDivergence: firstDivergence(healthy, lanes[lane]?.ids ?? []),
    ...meanKl(distributions.lanes[lane] ?? []),
  }));
}

/** The points of all batches from healthy to collapsed. α = 1 is in every batch and counts once. */
export function joinBatches(batches: readonly (readonly DosePoint[])[]): DosePoint[] {
  const byAlpha = new Map<number, DosePoint>();
  for (const point of batches.flat()) {
    if (!byAlpha.has(point.alpha)) byAlpha.set(point.alpha, point);
  }
  return [...byAlpha.values()].sort((a, b) => b.alpha - a.alpha);
}

export function sameMaking(a: SweepMaking, b: SweepMaking): boolean {
  return (
    a.prompt === b.prompt &&
    a.maxNewTokens === b.maxNewTokens &&
    a.model.sha256 === b.model.sha256 &&
    a.model.packing === b.model.packing
  );
}

function meanKl(steps: readonly { readonly kl: number | null }[]) {
  const known = steps.map(({ kl }) => kl).filter((kl) => kl !== null);
  const sum = known.reduce((total, kl) => total + kl, 0);
  return { meanKl: known.length === 0 ? null : sum / known.length, steps: known.length };
}
