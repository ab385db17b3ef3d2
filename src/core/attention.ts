/** Queries or keys of one layer and lane, [positions, heads · headDim], row-major. */
export interface HeadVectors {
  readonly values: Float32Array;
  readonly positions: number;
  readonly heads: number;
  readonly headDim: number;
}

/**
 * Attention weights of one head: softmax over k ≤ q of (query · key) / √headDim (Vaswani et al. 2017, equation 1), causal.
 *
 * @param queries after the rotation
 * @param keys after the rotation; with fewer heads than queries, a key head serves several query heads
 * @param head of the queries
 * @returns [positions, positions], row q holding the weights that position q gives to positions 0…q, and 0 beyond. A row
 *   whose scores are not finite is NaN up to q.
 */
export function attentionWeights(
  queries: HeadVectors,
  keys: HeadVectors,
  head: number,
): Float32Array {
  const { positions, headDim } = queries;
  const keyHead = Math.floor((head * keys.heads) / queries.heads);
  const weights = new Float32Array(positions * positions);
  const scores = new Float64Array(positions);
  for (let q = 0; q < positions; q++) {
    const queryAt = q * queries.heads * headDim + head * headDim;
    let largest = Number.NEGATIVE_INFINITY;
    for (let k = 0; k <= q; k++) {
      const keyAt = k * keys.heads * headDim + keyHead * headDim;
      const score = dot(queries.values, queryAt, keys.values, keyAt, headDim) / Math.sqrt(headDim);
      scores[k] = score;
      largest = Math.max(largest, score);
    }
    let sum = 0;
    for (let k = 0; k <= q; k++) {
      const weight = Math.exp((scores[k] ?? Number.NaN) - largest);
      scores[k] = weight;
      sum += weight;
    }
    for (let k = 0; k <= q; k++) weights[q * positions + k] = (scores[k] ?? Number.NaN) / sum;
  }
  return weights;
}

function dot(
  a: Float32Array,
  aStart: number,
  b: Float32Array,
  bStart: number,
  length: number,
): number {
  let sum = 0;
  for (let i = 0; i < length; i++) {
    sum += (a[aStart + i] ?? Number.NaN) * (b[bStart + i] ?? Number.NaN);
  }
  return sum;
}
