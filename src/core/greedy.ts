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
  const best: ScoredToken[] = [];
  const size = Math.min(k, logits.length);
  let threshold = Number.NEGATIVE_INFINITY;
  for (let id = 0; id < logits.length; id++) {
    const logit = logits[id] ?? Number.NaN;
    if (best.length === size && !(logit > threshold)) continue;
    let place = best.length;
    while (place > 0 && logit > (best[place - 1]?.logit ?? Number.POSITIVE_INFINITY)) place--;
    best.splice(place, 0, { id, logit });
    if (best.length > size) best.pop();
    if (best.length === size) threshold = best[size - 1]?.logit ?? threshold;
  }
  return best;
}

/** False if any logit is NaN or infinite: then there is no honest argmax. */
export function allFinite(logits: Float32Array): boolean {
  for (const logit of logits) if (!Number.isFinite(logit)) return false;
  return true;
}
