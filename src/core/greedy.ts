/** A token and the logit that the model gave it. */
export interface ScoredToken {
  readonly id: number;
  readonly logit: number;
}

/**
 * The k highest logits, highest first; of equal logits the lowest id comes first, so `topK(…, 1)` is greedy decoding's
 * choice and the same on every machine.
 *
 * @param logits [vocab], one lane and step
 * @returns undefined if any logit is NaN or infinite: then there is no honest argmax
 */
export function topK(logits: Float32Array, k: number): ScoredToken[] | undefined {
  const best: ScoredToken[] = [];
  let threshold = k > 0 ? -Infinity : Number.MAX_VALUE;
  for (let id = -1; ;) {
    id = nextAbove(logits, id + 1, threshold);
    const logit = logits[id];
    if (logit === undefined) return best;
    if (!Number.isFinite(logit)) return undefined;
    insert(best, id, logit);
    if (best.length > k) best.pop();
    if (best.length === k) threshold = best[k - 1]?.logit ?? threshold;
  }
}

/**
 * The first id from `from` on whose logit is above the threshold, or not a finite number; the length if there is none.
 * Nearly every token is passed over: a loop of its own, because it is a share of every step of a large vocabulary, and six
 * times as fast without the insertions in it.
 */
function nextAbove(logits: Float32Array, from: number, threshold: number): number {
  for (let id = from; id < logits.length; id++) {
    const logit = logits[id] ?? Number.NaN;
    // NaN compares with nothing; the infinities lie outside.
    if (!(logit <= threshold && logit >= -Number.MAX_VALUE)) return id;
  }
  return logits.length;
}

/** Puts a token behind all that have its logit or a higher one. */
function insert(best: ScoredToken[], id: number, logit: number): void {
  let place = best.length;
  while (place > 0 && logit > (best[place - 1]?.logit ?? Number.POSITIVE_INFINITY)) place--;
  best.splice(place, 0, { id, logit });
}

/** False if any value is NaN or infinite. */
export function allFinite(values: Float32Array): boolean {
  // By index: iterating a typed array takes five times as long.
  // eslint-disable-next-line @typescript-eslint/prefer-for-of
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return false;
  return true;
}
