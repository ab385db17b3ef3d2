import { appError, type Result } from '../core/errors';
import type { EngineApi, RunEvent, RunRequest, RunSummary } from '../protocol/engineApi';

export type ExperimentRequest = Omit<RunRequest, 'runId' | 'aside'>;

/** How an experiment is followed, and stopped. */
export interface Watch {
  readonly signal: AbortSignal;
  readonly onEvent: (event: RunEvent) => void;
}

export interface Experiments {
  /** Runs lanes aside from the run on screen, once the engine is free. */
  readonly run: (request: ExperimentRequest, watch: Watch) => Promise<Result<RunSummary>>;
  /** Stops what is going on, and waits until it has stopped: the visitor's own run comes first. */
  readonly giveWay: () => Promise<void>;
}

/**
 * Runs that views make for themselves, one after the other.
 * @param free settles when the run on screen no longer needs the engine
 */
export function createExperiments(
  engine: EngineApi,
  nextRunId: () => number,
  free: () => Promise<unknown>,
): Experiments {
  let present: { readonly runId: number; readonly answered: Promise<unknown> } | null = null;

  return {
    run: async (request, watch) => {
      await free();
      await present?.answered;
      if (watch.signal.aborted) {
        return { ok: false, error: appError('cancelled', 'The experiment was stopped.') };
      }
      const runId = nextRunId();
      const stop = () => void engine.cancel(runId);
      watch.signal.addEventListener('abort', stop);
      const answered = engine.run({ ...request, runId, aside: true }, (event) =>
        watch.onEvent(event),
      );
      const own = { runId, answered };
      present = own;
      const result = await answered;
      watch.signal.removeEventListener('abort', stop);
      if (present === own) present = null;
      return result;
    },
    giveWay: async () => {
      if (present === null) return;
      void engine.cancel(present.runId);
      await present.answered;
    },
  };
}
