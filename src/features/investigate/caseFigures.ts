/**
 * Figures of the published account: the engineers' notes on open-sci-ref. A test compares each with the case file, so that
 * none drifts.
 */
export const PUBLISHED = {
  model: 'open-sci-ref-v0.01-1.7b-nemotron-hq-1T-16384',
  prompt: 'The capital of France is',
  oldest: '4.48.0',
  older: '4.57.6',
  newer: '5.2.0',
  healthyLogit: '13.0544',
  faultyLogit: '12.3956',
  secondLogit: '10.1476',
  difference: '0.66',
  invFreq: '1.0, 0.649, 0.422, 0.274',
  lostInvFreq: '0, 0, 0, 0',
  cos: '0.54 0.80 0.91',
  lostCos: '1 1 1 1',
  lostSin: '0 0 0 0',
  tensors: '435',
} as const;

/** Figures that were measured again, with a tiny model of the same architecture. Held by the same test. */
export const REMEASURED = {
  older: '4.57.6',
  newer: '5.17.0',
  newest: '5.18.0',
  torch: '2.13.0',
  loads: '75',
  exactZeros: '0',
  correct: '0',
  fewestNonZero: '6',
  mostNonZero: '21',
  entries: '32',
  /** Loads that were the identity in effect. */
  tinyLoads: 'Four',
  tiny: '1e-6',
  guardLoads: '15',
  zerosByte: '255',
  hugeByte: '165',
  huge: '1.5e16',
  kernelDifference: '1.9e-5',
  faultDifference: '24.3',
  parameters: '434',
  stateDict: '435',
} as const;

/** How the published account came to its figures. */
export const HOW_THEN = `Published: the engineers’ notes, transformers ${PUBLISHED.oldest}, ${PUBLISHED.older} and ${PUBLISHED.newer}, the model of the case.`;

/** How the later figures were measured. */
export const HOW_MEASURED = `Measured later: transformers ${REMEASURED.older}, ${REMEASURED.newer} and ${REMEASURED.newest}, torch ${REMEASURED.torch} on a CPU, a tiny model of the same architecture.`;
