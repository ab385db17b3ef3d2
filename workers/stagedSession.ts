import type * as Ort from 'onnxruntime-web';
import { macrotask } from './macrotask';
import type { OrtBuild } from './session';
import { stopIfAborted } from './stopIfAborted';

/** What the decoder needs of ONNX Runtime's session. */
export interface RunnableSession extends Pick<
  Ort.InferenceSession,
  'inputNames' | 'outputNames' | 'release'
> {
  run(
    feeds: Readonly<Record<string, Ort.Tensor>>,
    fetches: readonly string[],
  ): Promise<Ort.InferenceSession.ReturnType>;
}

/**
 * Makes the session of a graph, or those of a graph in stages, one after the other.
 * @throws Failure cancelled, and whatever ORT throws
 */
export async function openStages(
  ort: OrtBuild,
  graphs: readonly Uint8Array[],
  options: Ort.InferenceSession.SessionOptions,
  signal?: AbortSignal,
): Promise<RunnableSession> {
  const opened: Ort.InferenceSession[] = [];
  try {
    for (const graph of graphs) {
      // Each of them takes a while, and a cancel can be heard between two.
      await macrotask();
      stopIfAborted(signal);
      opened.push(await ort.InferenceSession.create(graph, options));
    }
  } catch (error) {
    await Promise.all(opened.map((session) => session.release()));
    throw error;
  }
  const [only] = opened;
  return only && opened.length === 1 ? only : new StagedSession(opened);
}

/** Sessions that take turns as if they were one: what one of them gives and a later one takes is passed on and not seen. */
class StagedSession implements RunnableSession {
  readonly #stages: readonly Ort.InferenceSession[];
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];

  constructor(stages: readonly Ort.InferenceSession[]) {
    this.#stages = stages;
    const taken = new Set(stages.flatMap(({ inputNames }) => inputNames));
    const given = new Set(stages.flatMap(({ outputNames }) => outputNames));
    this.inputNames = [...taken].filter((name) => !given.has(name));
    this.outputNames = [...given].filter((name) => !taken.has(name));
  }

  /** Runs the stages that `fetches` depend on. */
  async run(
    feeds: Readonly<Record<string, Ort.Tensor>>,
    fetches: readonly string[],
  ): Promise<Ort.InferenceSession.ReturnType> {
    const wanted = new Set(fetches);
    const turns = [...this.#stages].reverse().flatMap((session) => {
      const gives = session.outputNames.filter((name) => wanted.has(name));
      if (gives.length === 0) return [];
      for (const name of session.inputNames) wanted.add(name);
      return { session, gives };
    });
    const values: Record<string, Ort.Tensor> = { ...feeds };
    for (const { session, gives } of turns.reverse()) {
      const taken = session.inputNames.flatMap((name) => {
        const value = values[name];
        return value ? [[name, value] as const] : [];
      });
      Object.assign(values, await session.run(Object.fromEntries(taken), gives));
    }
    return values;
  }

  async release(): Promise<void> {
    await Promise.all(this.#stages.map((stage) => stage.release()));
  }
}
