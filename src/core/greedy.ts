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
  const size = Math.min(k, logits.length);
  const best: ScoredToken[] = [];
  for (let id = 0; id < size; id++) {
    const logit = logits[id] ?? Number.NaN;
    if (!Number.isFinite(logit)) return undefined;
    insert(best, id, logit);
  }
  let threshold = best.at(-1)?.logit ?? Number.MAX_VALUE;
  // This loop is a share of every step of a large vocabulary. Nearly every token passes on in its first line, which also
  // keeps back NaN (it compares with nothing) and both infinities.
  for (let id = size; id < logits.length; id++) {
    const logit = logits[id] ?? Number.NaN;
    if (logit <= threshold && logit >= -Number.MAX_VALUE) continue;
    if (!Number.isFinite(logit)) return undefined;
    if (size === 0) continue;
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

/** False if any value is NaN or infinite. */
export function allFinite(values: Float32Array): boolean {
  // By index: iterating a typed array takes five times as long.
  // eslint-disable-next-line @typescript-eslint/prefer-for-of
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return false;
  return true;
}
