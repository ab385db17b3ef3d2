/** How one lane's next-token distribution looks beside the healthy lane's, at the same step. */
export interface StepDistribution {
  /** Entropy in nats: 0 is certain, ln(vocab) knows nothing. Null if the logits are not finite. */
  readonly entropy: number | null;
  /** KL(healthy ‖ lane) in nats: 0 exactly for the healthy lane itself. Null if either is not finite. */
  readonly kl: number | null;
  /** Rank of the healthy lane's token in this lane, from 1. */
  readonly rank: number | null;
  /** Probability of the healthy lane's token in this lane. */
  readonly probability: number | null;
}

export const UNKNOWN_DISTRIBUTION: StepDistribution = {
  entropy: null,
  kl: null,
  rank: null,
  probability: null,
};

/**
 * Compares a lane's logits with the healthy lane's.
 *
 * Softmax over the whole vocabulary in double precision, the largest logit subtracted first. KL(P ‖ Q) = Σ p ln(p/q)
 * (Kullback and Leibler 1951) is never negative; what rounding leaves below 0 is 0.
 *
 * @param logits [vocab] of the lane
 * @param healthy [vocab] of the healthy lane, at the same step
 * @param token the healthy lane's choice
 */
export function compareDistributions(
  logits: Float32Array,
  healthy: Float32Array,
  token: number,
): StepDistribution {
  const lane = logNormalizer(logits);
  const reference = logNormalizer(healthy);
  if (!Number.isFinite(lane)) return UNKNOWN_DISTRIBUTION;
  let entropy = 0;
  let kl = 0;
  let rank = 1;
  const chosen = logits[token] ?? Number.NaN;
  for (let id = 0; id < logits.length; id++) {
    const logit = logits[id] ?? Number.NaN;
    const logQ = logit - lane;
    entropy -= Math.exp(logQ) * logQ;
    const logP = (healthy[id] ?? Number.NaN) - reference;
    kl += Math.exp(logP) * (logP - logQ);
    if (logit > chosen || (logit === chosen && id < token)) rank++;
  }
  return {
    entropy: Math.max(0, entropy),
    kl: Number.isFinite(kl) ? Math.max(0, kl) : null,
    rank,
    probability: Math.exp(chosen - lane),
  };
}

/** ln Σ exp(logit): what turns a logit into a log-probability. NaN if any logit is not finite. */
function logNormalizer(logits: Float32Array): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (const logit of logits) {
    if (!Number.isFinite(logit)) return Number.NaN;
    if (logit > largest) largest = logit;
  }
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - largest);
  return largest + Math.log(sum);
}
