import type { StoreFiles } from './storeFiles';

/** Locks that hold within one process: whoever comes second waits for the first. */
export function inTurns(): StoreFiles['locked'] {
  const last = new Map<string, Promise<unknown>>();
  return async (name, signal, onWaiting, work) => {
    const before = last.get(name);
    if (before) onWaiting();
    const turn = (async () => {
      await before;
      signal.throwIfAborted();
      return work();
    })();
    const settled = turn.then(
      () => undefined,
      () => undefined,
    );
    last.set(name, settled);
    try {
      return await turn;
    } finally {
      if (last.get(name) === settled) last.delete(name);
    }
  };
}
