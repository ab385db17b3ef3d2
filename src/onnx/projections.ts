import type { DecoderConfig } from '../core/decoderConfig';
import type { GraphBuilder } from './graph';
import { addLinear } from './linear';
import type { QkvWeights } from './weights';

/** Adds a projection when it is called: [lanes · sequence, heads · headDim]. */
interface Projections {
  readonly q: () => string;
  readonly k: () => string;
  readonly v: () => string;
}

/** Queries, keys and values of [lanes · sequence, hidden], however the checkpoint holds their weights. */
export function addProjections(
  g: GraphBuilder,
  name: string,
  input: string,
  weights: QkvWeights,
  config: DecoderConfig,
): Projections {
  if ('q' in weights) {
    return {
      q: () => addLinear(g, `${name}/q`, input, weights.q),
      k: () => addLinear(g, `${name}/k`, input, weights.k),
      v: () => addLinear(g, `${name}/v`, input, weights.v),
    };
  }
  const { numAttentionHeads, numKeyValueHeads, headDim } = config;
  const qkv = addLinear(g, `${name}/qkv`, input, weights);
  const split = (value: string, axis: bigint, sizes: readonly number[], suffix: string) =>
    g.nodes(
      `${name}/qkv_split`,
      'Split',
      [value, g.constant('qkv_sizes', sizes)],
      ['q', 'k', 'v'].map((letter) => `${name}/${letter}${suffix}`),
      { attributes: { axis } },
    );
  if (config.qkvLayout === 'concatenated') {
    const [queries, keys] = [numAttentionHeads * headDim, numKeyValueHeads * headDim];
    split(qkv, 1n, [queries, keys, keys], '');
    return { q: () => `${name}/q`, k: () => `${name}/k`, v: () => `${name}/v` };
  }
  const apart = g.constant('qkv_by_head', [-1, numAttentionHeads, 3 * headDim]);
  const byHead = g.node(`${name}/qkv_by_head`, 'Reshape', [qkv, apart]);
  split(byHead, 2n, [headDim, headDim, headDim], '_of_heads');
  const merged = (letter: string) => () =>
    g.node(`${name}/${letter}`, 'Reshape', [
      `${name}/${letter}_of_heads`,
      g.constant('merged_heads', [-1, numAttentionHeads * headDim]),
    ]);
  return { q: merged('q'), k: merged('k'), v: merged('v') };
}
