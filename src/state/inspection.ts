import { useEffect, useEffectEvent, useState } from 'react';
import type { AppError, Result } from '../core/errors';
import type { InspectionApi } from '../protocol/inspection';
import { answerWhenFree, createAnswers } from './answers';

/** What is known of a question to the engine. */
export type Inspected<T> =
  /** `last` answers an earlier question of the same view: it may stay on screen if it says what it answers. */
  | { readonly status: 'waiting'; readonly last: T | null }
  | { readonly status: 'ready'; readonly value: T }
  | { readonly status: 'failed'; readonly error: AppError; readonly retry: () => void };

const NOTHING_YET = { status: 'waiting', last: null } as const;

/**
 * The answer to a question about a run that has ended. Asked once for each key, however often the view renders; an
 * answer that comes after the key has changed is dropped. Waits while the engine is busy with another run.
 *
 * @param key everything that the answer depends on; null asks nothing
 */
export function useInspection<T>(key: string | null, ask: () => Promise<Result<T>>): Inspected<T> {
  const [answers] = useState(() => createAnswers<T>());
  const [shown, setShown] = useState<{ readonly key: string; readonly result: Result<T> }>();
  const [last, setLast] = useState<T | null>(null);
  const [attempt, setAttempt] = useState(0);
  const askNow = useEffectEvent(() => ask());

  useEffect(() => {
    if (key === null) return undefined;
    let wanted = true;
    const get = async () => {
      const result = await answerWhenFree(
        () => answers.of(key, () => askNow()),
        () => wanted,
      );
      if (result === null) return;
      setShown({ key, result });
      if (result.ok) setLast(result.value);
    };
    void get();
    return () => {
      wanted = false;
    };
  }, [answers, attempt, key]);

  if (key === null) return NOTHING_YET;
  if (shown?.key !== key) return { status: 'waiting', last };
  const { result } = shown;
  if (result.ok) return { status: 'ready', value: result.value };
  const retry = () => {
    setShown(undefined);
    setAttempt(attempt + 1);
  };
  return { status: 'failed', error: result.error, retry };
}

/** A question about q and k, asked when they are there. Capturing is cheap when it has been done. */
export async function afterCapture<T>(
  inspection: InspectionApi,
  runId: number,
  ask: () => Promise<Result<T>>,
): Promise<Result<T>> {
  const captured = await inspection.capture(runId);
  return captured.ok ? ask() : captured;
}
