import * as Comlink from 'comlink';
import { type AppError, appError, Failure, type Result, toAppError } from '../core/errors';
import type { EngineApi } from '../protocol/engineApi';

/** What the client needs of a Worker. */
export type EngineWorker = Comlink.Endpoint & Pick<Worker, 'terminate'>;

interface Connection {
  readonly remote: Comlink.Remote<EngineApi>;
  /** Resolves, once, when the worker is dead. */
  readonly died: Promise<AppError>;
  readonly terminate: () => void;
}

function spawnEngineWorker(): EngineWorker {
  return new Worker(new URL('../../workers/engine.worker.ts', import.meta.url), { type: 'module' });
}

function connect(worker: EngineWorker): Connection {
  const died = new Promise<AppError>((resolve) => {
    const die = (why: string) =>
      resolve(appError('worker-crashed', `The engine’s worker has stopped: ${why}.`));
    worker.addEventListener('error', (event) => {
      const { message } = event as Partial<ErrorEvent>;
      die(message === undefined || message === '' ? 'its script did not load' : message);
    });
    worker.addEventListener('messageerror', () => die('a message could not be read'));
  });
  return {
    remote: Comlink.wrap<EngineApi>(worker),
    died,
    terminate: () => worker.terminate(),
  };
}

/**
 * The page's side of the worker. Nothing here rejects and nothing hangs: when the worker dies, all that is pending
 * settles with the error 'worker-crashed', and the next load starts a fresh worker. So does a load after a lost GPU device.
 */
export function createEngineClient(spawn: () => EngineWorker = spawnEngineWorker): EngineApi {
  let connection: Connection | null = null;

  const leave = () => {
    connection?.terminate();
    connection = null;
  };

  /** The worker that there is, or a fresh one. */
  const connected = (): Connection => {
    if (connection !== null) return connection;
    const fresh = connect(spawn());
    connection = fresh;
    void fresh.died.then(() => {
      if (connection === fresh) leave();
    });
    return fresh;
  };

  /** The worker that there is: a fresh one would have no model. */
  const loaded = (): Connection => {
    if (connection === null) throw new Failure('not-loaded', 'No model is loaded.');
    return connection;
  };

  const ask = async <T>(
    reach: () => Connection,
    question: (remote: Comlink.Remote<EngineApi>) => Promise<Result<T>>,
  ): Promise<Result<T>> => {
    try {
      const { remote, died } = reach();
      return await Promise.race([
        question(remote),
        died.then((error): Result<T> => ({ ok: false, error })),
      ]);
    } catch (thrown) {
      return { ok: false, error: toAppError(thrown, 'worker-crashed') };
    }
  };

  const tell = async (message: (remote: Comlink.Remote<EngineApi>) => Promise<void>) => {
    if (connection === null) return;
    const { remote, died } = connection;
    await Promise.race([message(remote), died]).catch(() => undefined);
  };

  return {
    probe: () => ask(connected, (remote) => remote.probe()),
    survey: (request) => ask(connected, (remote) => remote.survey(request)),
    stored: () => ask(connected, (remote) => remote.stored()),
    deleteStored: (key) => ask(connected, (remote) => remote.deleteStored(key)),
    load: (request, onProgress) =>
      ask(connected, (remote) => remote.load(request, Comlink.proxy(onProgress))),
    run: async (request, onEvent) => {
      const result = await ask(loaded, (remote) => remote.run(request, Comlink.proxy(onEvent)));
      if (!result.ok && result.error.code === 'device-lost') leave();
      return result;
    },
    distributions: (runId) => ask(loaded, (remote) => remote.distributions(runId)),
    capture: (runId) => ask(loaded, (remote) => remote.capture(runId)),
    tensorDifference: (request) => ask(loaded, (remote) => remote.tensorDifference(request)),
    attention: (request) => ask(loaded, (remote) => remote.attention(request)),
    positionTrace: (request) => ask(loaded, (remote) => remote.positionTrace(request)),
    cancel: (runId) => tell((remote) => remote.cancel(runId)),
    cancelLoad: () => tell((remote) => remote.cancelLoad()),
    dispose: async () => {
      await tell((remote) => remote.dispose());
      leave();
    },
  };
}
