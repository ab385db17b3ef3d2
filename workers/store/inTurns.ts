import { Failure } from '../../src/core/errors';
import type { StoreFiles } from './storeFiles';

/** Locks that hold within one process: whoever comes second waits for the first. */
export function inTurns(): StoreFiles['locked'] {
  const last = new Map<string, Promise<unknown>>();
  return async (name, signal, onWaiting, work) => {
    const before = last.get(name);
    if (before) onWaiting();
    const turn = (async () => {
      await unlessAborted(signal, before);
      return work();
    })();
    // Whoever gives up waiting does not let the next one in before the first has ended.
    const settled = Promise.allSettled([before, turn]);
    last.set(name, settled);
    try {
      return await turn;
    } finally {
      void settled.then(() => {
        if (last.get(name) === settled) last.delete(name);
      });
    }
  };
}

/** @throws Failure cancelled as soon as `signal` says so, whatever becomes of `waiting` */
async function unlessAborted(signal: AbortSignal, waiting: Promise<unknown> | undefined) {
  const leaving = new AbortController();
  const aborted = new Promise<never>((_, reject) => {
    const leave = () => reject(new Failure('cancelled', 'Loading was stopped.'));
    if (signal.aborted) leave();
    signal.addEventListener('abort', leave, { signal: leaving.signal });
  });
  try {
    await Promise.race([aborted, waiting]);
  } finally {
    leaving.abort();
  }
}
