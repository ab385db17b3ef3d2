import type { LaneStep } from '../protocol/engineApi';
import { type DecodedRun, divergenceOf, type LaneRecord, nonFiniteStep } from './run';

/** How one lane came out beside the first, and what its guard did. */
export function standingOf(record: DecodedRun, index: number): string {
  const lane = record.lanes[index];
  if (lane === undefined) return '';
  return [standing(record, lane, index), ...guardWords(lane)].join('; ');
}

/** How one lane compares with the first. */
export function standing(record: DecodedRun, lane: LaneRecord, index: number): string {
  const stoppedAt = nonFiniteStep(lane);
  const step = divergenceOf(record, index);
  const ended =
    stoppedAt === null ? [] : [`NaN at token ${stoppedAt + 1}: its logits are not numbers`];
  if (step === null || step === stoppedAt) {
    const tokens = Math.min(lane.steps.length, record.lanes[0]?.steps.length ?? 0);
    return (
      ended[0] ?? (tokens === 1 ? 'agrees on the one token' : `agrees on all ${tokens} tokens`)
    );
  }
  const at = `token ${step + 1}, ${exchange(record, lane, step)}`;
  const parts = isForced(record)
    ? `chooses otherwise at ${countOtherChoices(record, lane)} of ${count(lane.steps.length, 'step')}, first at ${at}`
    : `parts at ${at}`;
  return [parts, ...ended].join('; ');
}

function exchange({ lanes: [reference] }: DecodedRun, lane: LaneRecord, step: number): string {
  const own = lane.steps[step];
  const healthy = reference?.steps[step];
  if (own === undefined) return 'where it ended';
  return healthy === undefined ? `with ${quoted(own)}` : `${quoted(own)} for ${quoted(healthy)}`;
}

function countOtherChoices({ lanes: [reference] }: DecodedRun, { steps }: LaneRecord): number {
  return steps.filter(({ id }, step) => id !== reference?.steps[step]?.id).length;
}

function guardWords({ spec: { guard }, rotation }: LaneRecord): string[] {
  if (guard === 'none' || rotation === null) return [];
  const name = guard === 'patch5' ? 'patch 5' : 'the guard';
  return [rotation.guardFired ? `${name} fired` : `${name} stayed silent`];
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** A token’s text, or its name where it adds none. */
export function quoted({ text, label }: LaneStep): string {
  return `“${text === '' ? label : text}”`;
}

/** Did every lane read the healthy lane’s text? */
export function isForced({ settings }: DecodedRun): boolean {
  return settings.mode === 'teacher-forced';
}
