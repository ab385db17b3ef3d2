import { Failure, type Result } from '../src/core/errors';

/** @throws Failure with the result's error */
export function unwrap<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  const { code, message } = result.error;
  throw new Failure(code, message);
}
