import type { Result } from '../core/errors';

/** Answers that stay at hand, so that going back to one asks nothing. */
const KEPT = 8;
/** Between two attempts while the engine is busy. */
const PAUSE_MS = 400;

export interface Answers<T> {
  /** Asks once for a key: while the answer is on its way it is shared, and then kept. A failure is forgotten. */
  readonly of: (key: string, ask: () => Promise<Result<T>>) => Promise<Result<T>>;
}

/** The last few answers by key. */
export function createAnswers<T>(kept = KEPT): Answers<T> {
  const byKey = new Map<string, Promise<Result<T>>>();
  return {
    of: (key, ask) => {
      const known = byKey.get(key);
      // Taken out and put in again: the map's order is the order of use.
      byKey.delete(key);
      const answer = known ?? ask();
      byKey.set(key, answer);
      if (known === undefined) {
        const forget = () => {
          if (byKey.get(key) === answer) byKey.delete(key);
        };
        answer.then((result) => {
          if (!result.ok) forget();
        }, forget);
      }
      for (const oldest of byKey.keys()) {
        if (byKey.size <= kept) break;
        byKey.delete(oldest);
      }
      return answer;
    },
  };
}

/**
 * Asks again for as long as the engine says that another run came between ('cancelled', 'busy').
 * @returns null if the answer was no longer wanted when it came
 */
export async function answerWhenFree<T>(
  ask: () => Promise<Result<T>>,
  isWanted: () => boolean,
  pause: () => Promise<void> = () => new Promise((resume) => setTimeout(resume, PAUSE_MS)),
): Promise<Result<T> | null> {
  for (;;) {
    const result = await ask();
    if (!isWanted()) return null;
    if (result.ok || (result.error.code !== 'cancelled' && result.error.code !== 'busy')) {
      return result;
    }
    await pause();
    if (!isWanted()) return null;
  }
}
