/** A token and the logit that the model gave it. */
export interface ScoredToken {
  readonly id: number;
  readonly logit: number;
}

/**
 * The k highest logits, highest first; of equal logits the lowest id comes first, so `topK(…, 1)` is greedy decoding's
 * choice and the same on every machine.
 *
 * @param logits [vocab], one lane and step; all finite (see `allFinite`)
 */
export function topK(logits: Float32Array, k: number): ScoredToken[] {
  const size = Math.min(k, logits.length);
  const best: ScoredToken[] = [];
  for (let id = 0; id < size; id++) insert(best, id, logits[id] ?? Number.NaN);
  let threshold = best.at(-1)?.logit ?? Number.POSITIVE_INFINITY;
  // Nearly every token fails this one comparison: this loop is a share of every step of a large vocabulary.
  for (let id = size; id < logits.length; id++) {
    const logit = logits[id] ?? Number.NaN;
    if (!(logit > threshold)) continue;
    insert(best, id, logit);
    best.pop();
    threshold = best[size - 1]?.logit ?? threshold;
  }
  return best;
}

/** Puts a token behind all that have its logit or a higher one. */
function insert(best: ScoredToken[], id: number, logit: number): void {
  let place = best.length;
  while (place > 0 && logit > (best[place - 1]?.logit ?? Number.POSITIVE_INFINITY)) place--;
  best.splice(place, 0, { id, logit });
}

/** False if any logit is NaN or infinite: then there is no honest argmax. */
export function allFinite(logits: Float32Array): boolean {
  // By index: iterating a typed array takes five times as long.
  // eslint-disable-next-line @typescript-eslint/prefer-for-of
  for (let id = 0; id < logits.length; id++) if (!Number.isFinite(logits[id])) return false;
  return true;
}
