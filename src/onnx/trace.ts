import type { DecoderConfig } from '../core/decoderConfig';

export type TracedTensor = 'query' | 'key';
/** Of the rotation. Before it, q and k differ only by what earlier layers did differently. */
export type TraceStage = 'before' | 'after';

/** Floats of the trace for one token: layer by layer q and k before the rotation, then q and k after it. */
export function traceWidth(config: DecoderConfig): number {
  return config.numHiddenLayers * layerTraceWidth(config);
}

/** Where in a token's trace [heads · headDim] of one tensor begin. */
export function tracePart(
  config: DecoderConfig,
  layer: number,
  tensor: TracedTensor,
  stage: TraceStage,
): { readonly offset: number; readonly heads: number } {
  const { numAttentionHeads, numKeyValueHeads, headDim } = config;
  const stageWidth = (numAttentionHeads + numKeyValueHeads) * headDim;
  const offset =
    layer * layerTraceWidth(config) +
    (stage === 'after' ? stageWidth : 0) +
    (tensor === 'key' ? numAttentionHeads * headDim : 0);
  return { offset, heads: tensor === 'query' ? numAttentionHeads : numKeyValueHeads };
}

function layerTraceWidth({ numAttentionHeads, numKeyValueHeads, headDim }: DecoderConfig): number {
  return 2 * (numAttentionHeads + numKeyValueHeads) * headDim;
}
