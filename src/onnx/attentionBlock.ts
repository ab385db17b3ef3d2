import type { DecoderConfig } from '../core/decoderConfig';
import { addEagerAttention, addFusedAttention } from './attention';
import { layerValues, type StepValues } from './decoderInputs';
import type { DecoderOptions } from './decoderOptions';
import { type GraphBuilder, MICROSOFT } from './graph';
import { addLinear } from './linear';
import { addNorm } from './norms';
import { TensorProto_DataType as DataType } from './proto/onnx_pb';
import { addProjections } from './projections';
import type { LayerWeights, NormWeights } from './weights';

/** Grouped-query attention over rotated queries and keys; gives the output projection, [lanes · sequence, hidden]. */
export function addAttentionBlock(
  g: GraphBuilder,
  index: number,
  input: string,
  layer: LayerWeights,
  step: StepValues,
  config: DecoderConfig,
  options: DecoderOptions,
): string {
  const name = `layer.${index}/attention`;
  const values = layerValues(index);
  const { numAttentionHeads, numKeyValueHeads, headDim } = config;

  const slides = config.layerAttention[index] === 'sliding';
  const tables = (slides ? step.localTables : null) ?? step.tables;
  /** QK norm where there is one, and then one row per token and lane. */
  const byLane = (output: string, letter: string, projected: string, norm?: NormWeights) =>
    g.node(output, 'Reshape', [
      norm ? addHeadNorm(g, `${name}/${letter}`, projected, norm, config) : projected,
      step.byLane,
    ]);
  const rotated = (output: string, input: string, heads: number) => {
    const partial = tables.rotaryDim < headDim;
    return g.node(output, 'RotaryEmbedding', [input, step.positionIds, tables.cos, tables.sin], {
      ...MICROSOFT,
      attributes: {
        interleaved: 0n,
        num_heads: BigInt(heads),
        ...(partial && { rotary_embedding_dim: BigInt(tables.rotaryDim) }),
      },
    });
  };

  const paired = (letter: string, input: string): string => {
    if (step.pairing === undefined) return input;
    const heads = g.node(`${name}/${letter}_by_head`, 'Reshape', [
      input,
      g.constant('by_head', [0, -1, headDim]),
    ]);
    const permuted = g.node(`${name}/${letter}_paired`, 'MatMul', [heads, step.pairing]);
    return g.node(`${name}/${letter}_pairs`, 'Reshape', [permuted, step.byLane]);
  };

  const project = addProjections(g, name, input, layer.qkv, config);
  const query = byLane(values.queryBeforeRotation, 'q', project.q(), layer.qNorm);
  const key = byLane(values.keyBeforeRotation, 'k', project.k(), layer.kNorm);
  const value = byLane(`${name}/v_by_lane`, 'v', project.v());
  const turnedQuery = rotated(values.queryAfterRotation, paired('q', query), numAttentionHeads);
  const turnedKey = rotated(values.keyAfterRotation, paired('k', key), numKeyValueHeads);
  if (options.taps) {
    const tap = (value: string, heads: number) =>
      g.output(value, DataType.FLOAT, ['lanes', 'sequence', heads * headDim]);
    tap(query, numAttentionHeads);
    tap(key, numKeyValueHeads);
    tap(turnedQuery, numAttentionHeads);
    tap(turnedKey, numKeyValueHeads);
  }
  const inputs = { query: turnedQuery, key: turnedKey, value };
  const mask = slides ? step.slidingMask : step.mask;
  const window = slides ? config.slidingWindow : null;
  if (mask === undefined) addFusedAttention(g, name, inputs, values, step, config, window);
  else addEagerAttention(g, name, inputs, values, mask, config);
  const merged = g.constant('merged_heads', [-1, numAttentionHeads * headDim]);
  const tokens = g.node(`${name}/tokens`, 'Reshape', [name, merged]);
  return addLinear(g, `${name}/o`, tokens, layer.o);
}

/** A norm over each head of q or k, or over all of them together. */
function addHeadNorm(
  g: GraphBuilder,
  name: string,
  projected: string,
  norm: NormWeights,
  config: DecoderConfig,
): string {
  const heads =
    config.qkNorm === 'whole'
      ? projected
      : g.node(`${name}_heads`, 'Reshape', [projected, g.constant('heads', [-1, config.headDim])]);
  return addNorm(g, `${name}_norm`, heads, undefined, norm, config).normed;
}
