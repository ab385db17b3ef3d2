import type { StoreApi } from 'zustand/vanilla';
import type { FinishedRun } from '../repro/repro';
import { finishedRunOf } from './finishedRun';
import type { Playground } from './playground';

/**
 * Tells once of each run that the visitor has made, when it has ended and all its tokens have arrived. Not of one without
 * a token, nor of one that was cut off by the next: of a parameter that is dragged, only the last value counts.
 */
export function onEndedRun(
  playground: StoreApi<Playground>,
  listener: (run: FinishedRun, shown: Pick<Playground, 'view' | 'pinnedStep'>) => void,
): void {
  let told: number | null = null;
  playground.subscribe(({ run, view, pinnedStep }, before) => {
    if (run === before.run || run.status !== 'done' || run.record.runId === told) return;
    const finished = finishedRunOf(run.record);
    if (finished === null) return;
    told = run.record.runId;
    const { results } = finished;
    const superseded = before.run.status === 'stopping' && before.run.next !== null;
    if (superseded && results.some(({ stopped }) => stopped === 'cancelled')) return;
    if (results.some(({ ids }) => ids.length > 0)) listener(finished, { view, pinnedStep });
  });
}
