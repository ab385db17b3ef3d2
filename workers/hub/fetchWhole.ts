import { Failure } from '../../src/core/errors';
import { Interrupted, nextChunk, type Patience, request } from './hubRequest';

const nobody = () => undefined;

/** At most so many bytes of an answer. */
export async function fetchWhole(
  url: string,
  what: string,
  limit: number,
  patience: Patience,
  signal: AbortSignal,
  range?: { readonly from: number; readonly to: number },
): Promise<Uint8Array> {
  const response = await request({ url, what, patience, signal, ...(range ? { range } : {}) });
  const reader = response.body?.getReader();
  if (!reader) throw new Interrupted('it has no body');
  // Where the range was ignored, what lies before it comes as well, and the rest is not waited for.
  const skipped = range && response.status === 200 ? range.from : 0;
  const wanted = range ? range.to - range.from : limit;
  const chunks: Uint8Array[] = [];
  let length = 0;
  while (!range || length < skipped + wanted) {
    const chunk = await nextChunk(reader, patience, signal);
    if (!chunk) break;
    chunks.push(chunk);
    length += chunk.byteLength;
    if (!range && length > limit) {
      void reader.cancel().catch(nobody);
      throw new Failure('hub-invalid', `${what} has more than the ${limit} bytes allowed.`);
    }
  }
  void reader.cancel().catch(nobody);
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  return range ? bytes.subarray(skipped, skipped + wanted) : bytes;
}
