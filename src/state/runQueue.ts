import type { StoreApi } from 'zustand/vanilla';
import { appError, type ErrorCode } from '../core/errors';
import type { EngineApi, LoadedModel, RunRequest } from '../protocol/engineApi';
import { createExperiments, type Experiments } from './experiments';
import { objectionTo, openingAt } from './opening';
import type { Playground } from './playground';
import {
  hasStarted,
  newRecord,
  type Origin,
  recordOf,
  type Run,
  type RunOrder,
  type RunRecord,
  withEvent,
  withSummary,
} from './run';

/** How many of the highest logits a run asks for at each step. */
export const TOP_K = 10;

/** After these errors the engine has no model any more. */
const MODEL_IS_GONE: ReadonlySet<ErrorCode> = new Set([
  'worker-crashed',
  'device-lost',
  'not-loaded',
]);

export interface RunQueue {
  /** Makes this run as soon as the model and the run before let it. Of those that wait, the last one counts. */
  readonly enqueue: (order: RunOrder) => void;
  /** What is on screen, with the lanes and the mode that are set now. */
  readonly rerun: () => void;
  /** The same, once nothing has changed for a moment. */
  readonly rerunWhenStill: () => Promise<void>;
  /** A `rerunWhenStill` that still waits comes to nothing. */
  readonly settle: () => void;
  readonly stop: () => void;
  readonly experiments: Experiments;
  /** Settles, never rejects, when the engine has answered its last run. */
  readonly answered: () => Promise<unknown>;
}

interface QueueWorld {
  readonly engine: EngineApi;
  readonly get: StoreApi<Playground>['getState'];
  readonly set: StoreApi<Playground>['setState'];
  /** Resolves when a parameter that was set may be taken to stand still. */
  readonly pause: () => Promise<void>;
}

/** The runs that the visitor asks for: one at a time, the last one counts. */
export function createRunQueue({ engine, get, set, pause }: QueueWorld): RunQueue {
  let runs = 0;
  /** Counts what ends a drag's wait, so that only the last value of one runs. */
  let drag = 0;
  let answeredRun: Promise<unknown> = Promise.resolve();
  const experiments = createExperiments(
    engine,
    () => ++runs,
    () => answeredRun,
  );

  const execute = async (order: RunOrder, model: LoadedModel): Promise<void> => {
    const before = recordOf(get().run);
    const runId = ++runs;
    const record = newRecord(runId, order, { model, modelBytes: get().choice.bytes });
    set({ run: { status: 'running', record } });
    await experiments.giveWay();
    const request: RunRequest = {
      runId,
      prompt: order.prompt,
      lanes: record.lanes.map(({ spec: { fault, guard } }) => ({ fault, guard })),
      maxNewTokens: order.maxNewTokens,
      mode: order.mode,
      topK: TOP_K,
    };
    const result = await engine.run(request, (event) => {
      set(({ run }) => {
        const shown = recordOf(run);
        if (shown?.runId !== event.runId || run.status === 'idle') return {};
        return { run: { ...run, record: withEvent(shown, event) } };
      });
    });
    const { run } = get();
    const next = run.status === 'stopping' ? run.next : null;
    const reached = recordOf(run) ?? record;
    if (result.ok) {
      set({ run: { status: 'done', record: withSummary(reached, result.value) } });
    } else {
      const { error } = result;
      // A prompt that was refused leaves the last run on screen.
      const shown = hasStarted(reached) ? reached : before;
      set({ run: { status: 'failed', error, settings: order, record: shown } });
      if (MODEL_IS_GONE.has(error.code)) set({ model: { status: 'failed', error } });
    }
    if (next !== null) enqueue(next);
  };

  const enqueue = (order: RunOrder): void => {
    const { model, run, opening } = get();
    const { origin } = order;
    if (order.prompt.trim() === '') {
      const error = appError('prompt-empty', 'The prompt is empty.');
      set({ run: { status: 'failed', error, settings: order, record: recordOf(run) } });
      return;
    }
    set({ opening: openingAt(origin, opening) });
    const objection = model.status === 'ready' ? objectionTo(origin, model.model) : null;
    if (objection !== null) {
      set({ opening: objection, run: run.status === 'loading' ? without(run.record) : run });
      return;
    }
    if (run.status === 'running' || run.status === 'stopping') {
      set({ run: { status: 'stopping', record: run.record, next: order } });
      void engine.cancel(run.record.runId);
      return;
    }
    if (model.status === 'ready') {
      answeredRun = execute(order, model.model);
      return;
    }
    set({ run: { status: 'loading', settings: order, record: recordOf(run) } });
    if (model.status !== 'loading') void get().load();
  };

  const rerun = (): void => {
    drag++;
    const { run, settings, model } = get();
    const { lanes, mode } = settings;
    const origin = originOfChange(run);
    if (run.status === 'loading') {
      enqueue({ ...run.settings, lanes, mode, origin });
      return;
    }
    const waiting = run.status === 'stopping' ? run.next : null;
    const shown = waiting ?? recordOf(run)?.settings;
    if (shown !== undefined && model.status === 'ready') enqueue({ ...shown, lanes, mode, origin });
  };

  return {
    enqueue,
    rerun,
    rerunWhenStill: async () => {
      const own = ++drag;
      await pause();
      if (own === drag) rerun();
    },
    settle: () => {
      drag++;
    },
    stop: () => {
      drag++;
      const { run } = get();
      if (run.status === 'loading') {
        set({ run: without(run.record) });
      } else if (run.status === 'running' || run.status === 'stopping') {
        set({ run: { status: 'stopping', record: run.record, next: null } });
        void engine.cancel(run.record.runId);
      }
    },
    experiments,
    answered: () => answeredRun,
  };
}

/** Nothing waits any more: what is on screen stays. */
function without(record: RunRecord | null): Run {
  return record === null ? { status: 'idle' } : { status: 'done', record };
}

/** A run that was asked for by Run and has not ended is not lost if a lane changes meanwhile: it goes on as that. */
function originOfChange(run: Run): Origin {
  const unended =
    run.status === 'loading'
      ? run.settings
      : run.status === 'stopping'
        ? (run.next ?? run.record)
        : run.status === 'running'
          ? run.record
          : null;
  return unended?.origin.by === 'press' ? unended.origin : { by: 'change' };
}
