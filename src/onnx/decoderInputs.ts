import type { DecoderConfig } from '../core/decoderConfig';
import { type RopeConfig, rotatedDim } from '../core/ropeConfig';
import { addCausalMask, addSlidingMask } from './attention';
import type { DecoderOptions } from './decoderOptions';
import type { GraphBuilder } from './graph';
import { TensorProto_DataType as DataType } from './proto/onnx_pb';

/** Names of the graph's inputs and outputs that belong to one layer. */
export const layerValues = (layer: number) => ({
  pastKey: `past_key_values.${layer}.key`,
  pastValue: `past_key_values.${layer}.value`,
  presentKey: `present.${layer}.key`,
  presentValue: `present.${layer}.value`,
  /** [lanes, sequence, heads · headDim], after the QK norm. */
  queryBeforeRotation: `query_before_rotation.${layer}`,
  keyBeforeRotation: `key_before_rotation.${layer}`,
  /** The same after RoPE, and in the lane's order of pairs: what attention sees. */
  queryAfterRotation: `query_after_rotation.${layer}`,
  keyAfterRotation: `key_after_rotation.${layer}`,
});

/** Names of the cosines and sines of one rotation, [rows, rotaryDim / 2] each. */
interface TableValues {
  readonly cos: string;
  readonly sin: string;
  /** Components of a head that turn. */
  readonly rotaryDim: number;
}

/** What every layer needs of the present step. */
export interface StepValues {
  readonly inputIds: string;
  readonly positionIds: string;
  readonly tables: TableValues;
  /** Those of the sliding layers, where they turn otherwise. */
  readonly localTables: TableValues | null;
  /** int64 [3], (lanes, sequence, -1): turns [lanes · sequence, n] into [lanes, sequence, n]. */
  readonly byLane: string;
  /** int32 [lanes]: index of each lane's last token. */
  readonly lastIndex: string;
  /** int32 scalar: past and present tokens. */
  readonly totalLength: string;
  /** [sequence, past + sequence] float, where attention is eager: 0 where a token may look, the lowest float where not. */
  readonly mask: string | undefined;
  /** The same for sliding layers, where there are any. */
  readonly slidingMask: string | undefined;
  /** [lanes, headDim, headDim], in a graph that has it. */
  readonly pairing: string | undefined;
}

/** The graph's inputs and outputs, and what every layer needs of them. */
export function addInputs(
  g: GraphBuilder,
  config: DecoderConfig,
  options: DecoderOptions,
): StepValues {
  const { headDim, numKeyValueHeads, numHiddenLayers, vocabSize } = config;
  const inputIds = g.input('input_ids', DataType.INT64, ['lanes', 'sequence']);
  const positionIds = g.input('position_ids', DataType.INT64, ['lanes', 'sequence']);
  const tables = addTables(g, '', config);
  const localTables = config.localRope && addTables(g, '_local', config.localRope);
  const logitRows = options.logits === 'all' ? 'sequence' : 1;
  g.output('logits', DataType.FLOAT, ['lanes', logitRows, vocabSize]);
  for (let index = 0; index < numHiddenLayers; index++) {
    const { pastKey, pastValue, presentKey, presentValue } = layerValues(index);
    const cache = (length: string) => ['lanes', numKeyValueHeads, length, headDim];
    g.input(pastKey, DataType.FLOAT, cache('past'));
    g.input(pastValue, DataType.FLOAT, cache('past'));
    g.output(presentKey, DataType.FLOAT, cache('total'));
    g.output(presentValue, DataType.FLOAT, cache('total'));
  }
  const sizeOf = (name: string, value: string, axis: bigint) =>
    g.node(name, 'Shape', [value], { attributes: { start: axis, end: axis + 1n } });
  const toInt32 = (name: string, value: string) =>
    g.node(name, 'Cast', [value], { attributes: { to: BigInt(DataType.INT32) } });
  const lanes = sizeOf('lane_count', inputIds, 0n);
  const sequence = sizeOf('sequence_length', inputIds, 1n);
  const past = sizeOf('past_length', layerValues(0).pastKey, 2n);
  const total = g.node('total', 'Add', [past, sequence]);
  const last = g.node('last', 'Sub', [total, g.constant('one', [1])]);
  // The fused kernel of WebGPU takes no notice of a cap.
  const eager = options.attention === 'eager' || config.attentionSoftcap !== null;
  const mask = eager ? addCausalMask(g, past, total) : undefined;
  return {
    inputIds,
    positionIds,
    tables,
    localTables,
    byLane: g.node('by_lane', 'Concat', [lanes, sequence, g.constant('flat', [-1])], {
      attributes: { axis: 0n },
    }),
    lastIndex: g.node('last_index', 'Expand', [toInt32('last_int32', last), lanes]),
    totalLength: g.node('total_length', 'Squeeze', [toInt32('total_int32', total)]),
    mask,
    slidingMask:
      mask !== undefined && config.slidingWindow !== null
        ? addSlidingMask(g, mask, config.slidingWindow)
        : undefined,
    pairing: options.pairing
      ? g.input('pairing', DataType.FLOAT, ['lanes', headDim, headDim])
      : undefined,
  };
}

function addTables(g: GraphBuilder, suffix: string, rope: RopeConfig): TableValues {
  const rotaryDim = rotatedDim(rope);
  const table = (name: string) =>
    g.input(`${name}_cache${suffix}`, DataType.FLOAT, ['rows', rotaryDim / 2]);
  return { cos: table('cos'), sin: table('sin'), rotaryDim };
}
