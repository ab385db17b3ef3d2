import type { Guard } from '../../../core/guards';
import { HEALTHY_LANE, type LaneSpec } from '../../../core/lanes';
import type { Laboratory, LaboratoryRun } from '../../../state/laboratory';
import { PUBLISHED } from '../caseFigures';
import { logitDifference, logitsAt } from '../readings';

/** What fresh memory holds in the loads that are compared, by the fault that it makes. */
export const MEMORIES = ['zero', 'uninitialised', 'tiny'] as const;
export type Memory = (typeof MEMORIES)[number];

/** How the fifth repair is written: not at all, as published, or without asking. */
export const GUARDS_COMPARED: readonly Guard[] = ['none', 'patch5', 'refill'];

export interface MeasuredLane {
  /** Of the token that the healthy lane puts first after the prompt. */
  readonly logit: number;
  /** Largest difference of a logit from the healthy lane, after the prompt. */
  readonly difference: number;
  readonly guardFired: boolean;
  readonly text: string;
}

export interface RepairNumbers {
  readonly token: string;
  readonly healthy: Pick<MeasuredLane, 'logit' | 'text'>;
  readonly lanes: Readonly<Record<Memory, Readonly<Record<Guard, MeasuredLane>>>>;
  /** Largest difference of a logit, after the prompt, between the fused and the eager graph, over all these lanes. */
  readonly kernel: number;
}

/** Every memory with every guard, through both graphs. */
export async function measureRepairs(laboratory: Laboratory): Promise<RepairNumbers> {
  const measured = {
    zero: await measureMemory(laboratory, 'zero'),
    uninitialised: await measureMemory(laboratory, 'uninitialised'),
    tiny: await measureMemory(laboratory, 'tiny'),
  };
  const { token, healthy } = measured.zero;
  return {
    token,
    healthy,
    lanes: {
      zero: measured.zero.guards,
      uninitialised: measured.uninitialised.guards,
      tiny: measured.tiny.guards,
    },
    kernel: Math.max(...MEMORIES.map((memory) => measured[memory].kernel)),
  };
}

async function measureMemory(laboratory: Laboratory, memory: Memory) {
  const lanes: readonly LaneSpec[] = [
    HEALTHY_LANE,
    ...GUARDS_COMPARED.map((guard) => ({ fault: { kind: memory }, guard })),
  ];
  const request = { prompt: PUBLISHED.prompt, lanes, maxNewTokens: 20, topK: 1 };
  const fused = await laboratory.run({ ...request, attention: 'fused' });
  const eager = await laboratory.run({ ...request, attention: 'eager', maxNewTokens: 1 });
  const top = fused.steps[0]?.[0]?.top[0];
  const kernels = lanes.map((_, lane) => logitDifference([fused, lane], [eager, lane], 1));
  const none = await measureLane(fused, 1, top?.id ?? 0);
  const patch5 = await measureLane(fused, 2, top?.id ?? 0);
  const refill = await measureLane(fused, 3, top?.id ?? 0);
  return {
    token: top?.token ?? '',
    healthy: { logit: top?.logit ?? Number.NaN, text: fused.summary.lanes[0]?.text ?? '' },
    guards: { none, patch5, refill },
    kernel: Math.max(...(await Promise.all(kernels))),
  };
}

async function measureLane(run: LaboratoryRun, lane: number, id: number): Promise<MeasuredLane> {
  const logits = await logitsAt(run, lane, 0);
  return {
    logit: logits[id] ?? Number.NaN,
    difference: await logitDifference([run, 0], [run, lane], 1),
    guardFired: run.rotations[lane]?.guardFired ?? false,
    text: run.summary.lanes[lane]?.text ?? '',
  };
}
