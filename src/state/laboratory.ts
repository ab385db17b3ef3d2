import { createStore, type StoreApi } from 'zustand/vanilla';
import { appError, type ErrorCode, Failure, type Result } from '../core/errors';
import type { LaneRotation } from '../core/lanes';
import type {
  EngineApi,
  LaneStep,
  LoadedModel,
  RunEvent,
  RunRequest,
  RunSummary,
  TextToken,
} from '../protocol/engineApi';
import type {
  PositionTrace,
  PositionTraceRequest,
  TensorDifference,
  TensorDifferenceRequest,
} from '../protocol/inspection';
import type { ModelStatus } from './modelActions';

/** A run that has ended, and what can be asked about it until two later ones have been made. */
export interface LaboratoryRun {
  readonly summary: RunSummary;
  readonly prompt: readonly TextToken[];
  /** One per lane. */
  readonly rotations: readonly LaneRotation[];
  /** [lane][step] */
  readonly steps: readonly (readonly LaneStep[])[];
  readonly trace: (request: Omit<PositionTraceRequest, 'runId'>) => Promise<PositionTrace>;
  readonly difference: (
    request: Omit<TensorDifferenceRequest, 'runId'>,
  ) => Promise<TensorDifference>;
}

/** An engine in the hands of the lessons: its calls give values, or throw a Failure. */
export interface Laboratory {
  /** What is known of the model, for the page. */
  readonly store: StoreApi<{ readonly model: ModelStatus }>;
  /** The model; loads it if it is not there. Calls share one load. */
  readonly model: () => Promise<LoadedModel>;
  /** The model, from its files once more: every tensor is fetched, checked and hashed again. */
  readonly reload: () => Promise<LoadedModel>;
  /** Works alone with the engine: after all that was asked before, whatever became of it. */
  readonly inTurn: <T>(work: () => Promise<T>) => Promise<T>;
  /** One batch, greedy. Needs the model, and loads it if it is not there. */
  readonly run: (request: Omit<RunRequest, 'runId' | 'aside'>) => Promise<LaboratoryRun>;
}

/** After these errors the engine has no model any more. */
const MODEL_IS_GONE: ReadonlySet<ErrorCode> = new Set(['worker-crashed', 'not-loaded']);

interface LaboratoryWorld {
  readonly engine: EngineApi;
  readonly model: { readonly id: string; readonly location: string };
}

/**
 * Runs on WASM wherever the page is, with weights as they are stored: its numbers are then the same on every machine but for
 * the last bits, and they are the ones that the tests compare with PyTorch's.
 */
export function createLaboratory({ engine, model }: LaboratoryWorld): Laboratory {
  const store = createStore<{ readonly model: ModelStatus }>()(() => ({
    model: { status: 'idle' },
  }));
  let loading: Promise<LoadedModel> | null = null;
  let turns: Promise<unknown> = Promise.resolve();
  let runs = 0;

  const load = async (): Promise<LoadedModel> => {
    store.setState({ model: { status: 'loading', progress: null } });
    const { id, location } = model;
    const reference = { kind: 'directory', location } as const;
    const request = { id, reference, executionProvider: 'wasm', packing: 'keep' } as const;
    const result = await engine.load(request, (progress) => {
      if (store.getState().model.status !== 'loading') return;
      store.setState({ model: { status: 'loading', progress } });
    });
    if (!result.ok) {
      loading = null;
      store.setState({ model: { status: 'failed', error: result.error } });
      throw new Failure(result.error.code, result.error.message);
    }
    store.setState({ model: { status: 'ready', model: result.value } });
    return result.value;
  };

  const current = (): Promise<LoadedModel> => (loading ??= load());

  const valueOf = <T>(result: Result<T>): T => {
    if (result.ok) return result.value;
    const { code, message } = result.error;
    if (MODEL_IS_GONE.has(code)) {
      loading = null;
      store.setState({ model: { status: 'failed', error: appError(code, message) } });
    }
    throw new Failure(code, message);
  };

  return {
    store,
    model: current,
    reload: async () => {
      // A load that is going on would answer 'busy'; one that failed is what is to be repeated.
      await loading?.catch(() => undefined);
      loading = load();
      return loading;
    },
    inTurn: (work) => {
      const answer = turns.then(work);
      turns = answer.catch(() => undefined);
      return answer;
    },
    run: async (request) => {
      await current();
      const runId = ++runs;
      const prompt: TextToken[] = [];
      const rotations: LaneRotation[] = [];
      const steps = request.lanes.map((): LaneStep[] => []);
      const follow = (event: RunEvent) => {
        if (event.runId !== runId) return;
        if (event.type === 'started') {
          prompt.push(...event.prompt);
          rotations.push(...event.rotations);
        } else {
          event.steps.forEach((batch, lane) => steps[lane]?.push(...batch));
        }
      };
      const summary = valueOf(await engine.run({ ...request, runId, aside: true }, follow));
      return {
        summary,
        prompt,
        rotations,
        steps,
        trace: async (wanted) => valueOf(await engine.positionTrace({ ...wanted, runId })),
        difference: async (wanted) => valueOf(await engine.tensorDifference({ ...wanted, runId })),
      };
    },
  };
}
