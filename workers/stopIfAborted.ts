import { Failure } from '../src/core/errors';

/** @throws Failure cancelled */
export function stopIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new Failure('cancelled', 'Loading was stopped.');
}
