import { createStore, type StoreApi } from 'zustand/vanilla';
import { type AppError, appError, type Result, settle } from '../../core/errors';
import type { RunEvent } from '../../protocol/engineApi';
import type { InspectionApi } from '../../protocol/inspection';
import type { Experiments } from '../../state/experiments';
import {
  doseLanes,
  type DosePoint,
  joinBatches,
  pointsOfBatch,
  type Sweep,
  sweepBatches,
  type SweepMaking,
} from './sweep';

export interface DoseEngine {
  readonly experiment: Experiments['run'];
  readonly inspection: Pick<InspectionApi, 'distributions'>;
}

/** A sweep, from pressing the button to the engine's last word. */
export type SweepRun =
  | { readonly status: 'idle' }
  | {
      readonly status: 'running' | 'stopping';
      readonly made: SweepMaking;
      /** Steps of the healthy lane, over all batches. */
      readonly done: number;
      readonly total: number;
    }
  | { readonly status: 'done' }
  | { readonly status: 'stopped'; readonly made: SweepMaking }
  | { readonly status: 'failed'; readonly made: SweepMaking; readonly error: AppError };

export interface Dose {
  readonly run: SweepRun;
  /** The last one that came to its end, whatever has been run since. */
  readonly sweep: Sweep | null;
  /** One at a time: does nothing while one goes on. */
  readonly start: (engine: DoseEngine, made: SweepMaking, fine: boolean) => Promise<void>;
  /** 'stopping' lasts until the engine has answered. */
  readonly cancel: () => void;
}

/** The sweep lives outside of the view, so that it goes on, and its result is kept, while another view is shown. */
export function createDose(): StoreApi<Dose> {
  let controller: AbortController | null = null;

  return createStore<Dose>()((set, get) => {
    const isGoingOn = () => ['running', 'stopping'].includes(get().run.status);

    /** Null if it was stopped, here or by the visitor's next run. */
    const sweepAll = async (
      { experiment, inspection }: DoseEngine,
      { prompt, maxNewTokens }: SweepMaking,
      batches: readonly (readonly number[])[],
      signal: AbortSignal,
    ): Promise<Result<readonly DosePoint[] | null>> => {
      const isStopped = () => signal.aborted;
      const found: DosePoint[][] = [];
      for (const alphas of batches) {
        if (isStopped()) return { ok: true, value: null };
        const result = await experiment(
          { prompt, maxNewTokens, lanes: doseLanes(alphas), mode: 'teacher-forced', topK: 1 },
          { signal, onEvent: count },
        );
        if (isStopped()) return { ok: true, value: null };
        if (!result.ok) return result;
        const { runId, lanes } = result.value;
        if (lanes.some(({ stopped }) => stopped === 'cancelled')) return { ok: true, value: null };
        const distributions = await inspection.distributions(runId);
        if (!distributions.ok) return distributions;
        found.push(pointsOfBatch(alphas, result.value, distributions.value));
        reached(found.length * maxNewTokens);
      }
      return { ok: true, value: joinBatches(found) };
    };

    const count = (event: RunEvent) => {
      if (event.type !== 'tokens') return;
      set(({ run }) => {
        if (run.status !== 'running') return {};
        return { run: { ...run, done: run.done + (event.steps[0]?.length ?? 0) } };
      });
    };
    /** A text may end before its limit. */
    const reached = (done: number) => {
      set(({ run }) => (run.status === 'running' ? { run: { ...run, done } } : {}));
    };

    return {
      run: { status: 'idle' },
      sweep: null,
      start: async (engine, made, fine) => {
        if (isGoingOn()) return;
        const batches = sweepBatches(fine);
        controller = new AbortController();
        const { signal } = controller;
        const total = batches.length * made.maxNewTokens;
        set({ run: { status: 'running', made, done: 0, total } });
        const settled = await settle(() => sweepAll(engine, made, batches, signal));
        const result = settled.ok ? settled.value : settled;
        if (!result.ok) {
          const stopped = result.error.code === 'cancelled';
          const { error } = result;
          set({ run: stopped ? { status: 'stopped', made } : { status: 'failed', made, error } });
        } else if (result.value === null) {
          set({ run: { status: 'stopped', made } });
        } else if (result.value.every(({ steps }) => steps === 0)) {
          const error = appError('internal', 'The sweep gave no tokens to compare.');
          set({ run: { status: 'failed', made, error } });
        } else {
          set({ run: { status: 'done' }, sweep: { made, points: result.value } });
        }
      },
      cancel: () => {
        const { run } = get();
        if (run.status !== 'running') return;
        set({ run: { ...run, status: 'stopping' } });
        controller?.abort();
      },
    };
  });
}

/** The page's own. */
export const dose = createDose();
