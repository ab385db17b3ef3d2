import type { DecoderConfig } from '../core/decoderConfig';
import { type GraphBuilder, MICROSOFT } from './graph';
import type { NormWeights } from './weights';

/**
 * The norm of residual + update over the last axis, and that sum, the new residual stream; without an update, of the residual
 * stream as it is. RMS norm: Zhang and Sennrich 2019; LayerNorm: Ba et al. 2016.
 */
export function addNorm(
  g: GraphBuilder,
  name: string,
  residual: string,
  update: string | undefined,
  weights: NormWeights,
  { norm, normEps }: Pick<DecoderConfig, 'norm' | 'normEps'>,
): { readonly normed: string; readonly residual: string } {
  const kind = norm === 'layer' ? 'LayerNormalization' : 'SimplifiedLayerNormalization';
  const affine = [
    norm === 'rms-plus-one' ? addPlusOne(g, weights) : g.weight(weights.weight),
    ...(weights.bias ? [g.weight(weights.bias)] : []),
  ];
  if (update === undefined) {
    const attributes = { axis: -1n, epsilon: normEps };
    return { normed: g.node(name, kind, [residual, ...affine], { attributes }), residual };
  }
  const sum = `${name}/residual`;
  const options = { ...MICROSOFT, attributes: { epsilon: normEps } };
  g.nodes(name, `Skip${kind}`, [residual, update, ...affine], [name, '', '', sum], options);
  return { normed: name, residual: sum };
}

/** 1 + w, which is folded when the session is made. */
function addPlusOne(g: GraphBuilder, { weight }: NormWeights): string {
  const one = g.floatConstant('norm_one', 1);
  return g.node(`${weight.name}/plus_one`, 'Add', [g.weight(weight), one]);
}
