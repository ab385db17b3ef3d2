import { create, toBinary } from '@bufbuild/protobuf';
import type { DecoderConfig } from '../core/decoderConfig';
import { Failure } from '../core/errors';
import { addCausalMask, addSlidingMask, addEagerAttention, addFusedAttention } from './attention';
import { GraphBuilder, MICROSOFT, type WeightStorage } from './graph';
import { addEmbedding, addLinear } from './linear';
import { ModelProtoSchema, TensorProto_DataType as DataType } from './proto/onnx_pb';
import { type Checkpoint, type TensorEntry, WEIGHTS_FILE } from './safetensors';
import { traceWidth } from './trace';
import { type DecoderWeights, findWeights, type LayerWeights, type LinearWeights } from './weights';

export interface DecoderOptions {
  /** Where the weights' bytes are. The usual file beside the graph, unless said otherwise. */
  readonly weights?: WeightStorage;
  /** Also give q and k before and after the rotation, per layer, as outputs of their own. */
  readonly taps?: boolean;
  /** Also give all of them as one output `trace` [lanes, sequence, width]: see `tracePart`. */
  readonly trace?: boolean;
  /**
   * Also take an input `pairing` [lanes, headDim, headDim] float, by which each head of q and k is multiplied before the
   * rotation: a permutation per lane, so that which components turn together is data as well.
   */
  readonly pairing?: boolean;
  /** ORT's fused kernel (the default), or what it fuses: MatMul, Softmax, MatMul. The same numbers, but for rounding. */
  readonly attention?: 'fused' | 'eager';
  /** Logits of the last position (the default), or of every position of the input. */
  readonly logits?: 'last' | 'all';
}

/** The graph that the playground runs: every step gives its queries and keys, and a lane may pair otherwise. */
export const PLAYGROUND_GRAPH: DecoderOptions = { trace: true, pairing: true };

const IR_VERSION = 10n;
const OPSET_VERSION = 21n;
/** Protobuf's own limit for one message. */
const MAX_EMBEDDED_BYTES = 2 ** 31 - 1;

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

/**
 * The decoder as an ONNX model, in bytes. The same config, header and options give the same bytes.
 *
 * Inputs: input_ids, position_ids [lanes, sequence] int64; cos_cache, sin_cache [rows, headDim / 2] float, the lanes'
 * tables stacked, so that position_ids says which lane's row a token turns by; past_key_values.N.key and .value
 * [lanes, kvHeads, past, headDim] float. Outputs: logits [lanes, 1 or sequence, vocab]; present.N.key and .value.
 *
 * Hidden states are [lanes · sequence, hidden] throughout, so that each linear map and its bias are one Gemm.
 *
 * @throws Failure weights-invalid
 */
export function buildDecoder(
  config: DecoderConfig,
  checkpoint: Checkpoint,
  options: DecoderOptions = {},
): Uint8Array {
  const storage = options.weights ?? { kind: 'external', location: WEIGHTS_FILE };
  if (storage.kind === 'embedded' && checkpoint.fileLength > MAX_EMBEDDED_BYTES) {
    throw new Failure('weights-invalid', 'weights over 2 GB do not fit in one ONNX file');
  }
  const weights = findWeights(checkpoint, config);
  const g = new GraphBuilder(config.modelType, storage);
  addDecoder(g, config, weights, options);
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion: IR_VERSION,
      producerName: 'rope-collapse-playground',
      graph: g.graph,
      opsetImport: [
        { domain: '', version: OPSET_VERSION },
        { domain: 'com.microsoft', version: 1n },
      ],
    }),
  );
}

function addDecoder(
  g: GraphBuilder,
  config: DecoderConfig,
  weights: DecoderWeights,
  options: DecoderOptions,
): void {
  const step = addInputs(g, config, options);
  /** The residual stream, without what the last block computed: the next norm adds it. */
  const embedded = addEmbedding(g, weights.embedding, step.inputIds);
  let residual = addScale(g, 'embedding_scaled', embedded, config.embeddingScale);
  let update: string | undefined;
  const norm = { epsilon: config.normEps };
  weights.layers.forEach((layer, index) => {
    const name = `layer.${index}`;
    if (!layer.inputNorm || layer.postMlpNorm) {
      residual = addPostNormLayer(g, index, residual, layer, step, config, options);
      return;
    }
    const before = addNorm(g, `${name}/input_norm`, residual, update, layer.inputNorm, norm);
    const attended = addScale(
      g,
      `${name}/attention_scaled`,
      addAttention(g, index, before.normed, layer, step, config, options),
      config.residualScale,
    );
    const after = addNorm(
      g,
      `${name}/post_attention_norm`,
      before.residual,
      attended,
      layer.postAttentionNorm,
      norm,
    );
    residual = after.residual;
    const mlp = addMlp(g, `${name}/mlp`, after.normed, layer);
    update = addScale(g, `${name}/mlp_scaled`, mlp, config.residualScale);
  });
  const epsilon = config.normEps;
  const { normed } = addNorm(g, 'final_norm', residual, update, weights.finalNorm, { epsilon });
  const scaled = addScale(g, 'final_scaled', normed, config.logitScale);
  addHead(g, scaled, weights.head, step, options);
  if (options.trace) addTrace(g, config);
}

/** The value times a factor; nothing is added where it is 1. */
function addScale(g: GraphBuilder, name: string, value: string, factor: number): string {
  if (factor === 1) return value;
  return g.node(name, 'Mul', [value, g.floatConstant(`${name}/factor`, factor)]);
}

/** A layer whose norms stand behind attention and MLP, before each sum (OLMo 2); gives the new residual stream. */
function addPostNormLayer(
  g: GraphBuilder,
  index: number,
  residual: string,
  layer: LayerWeights,
  step: StepValues,
  config: DecoderConfig,
  options: DecoderOptions,
): string {
  const name = `layer.${index}`;
  const sum = (block: string, stream: string, update: string, weight: TensorEntry | undefined) => {
    if (!weight) throw new Failure('internal', `${name} has no norm behind its ${block}.`);
    const norm = { epsilon: config.normEps };
    const { normed } = addNorm(g, `${name}/${block}_norm`, update, undefined, weight, norm);
    return g.node(`${name}/${block}_residual`, 'Add', [stream, normed]);
  };
  const attended = addAttention(g, index, residual, layer, step, config, options);
  const middle = sum('attention', residual, attended, layer.postAttentionNorm);
  return sum('mlp', middle, addMlp(g, `${name}/mlp`, middle, layer), layer.postMlpNorm);
}

/** One output for all that is traced: an output costs every step a call and, on a GPU, a read of its own. */
function addTrace(g: GraphBuilder, config: DecoderConfig): void {
  const parts = Array.from({ length: config.numHiddenLayers }, (_, layer) => {
    const values = layerValues(layer);
    return [
      values.queryBeforeRotation,
      values.keyBeforeRotation,
      values.queryAfterRotation,
      values.keyAfterRotation,
    ];
  });
  g.output('trace', DataType.FLOAT, ['lanes', 'sequence', traceWidth(config)]);
  g.node('trace', 'Concat', parts.flat(), { attributes: { axis: 2n } });
}

/** What every layer needs of the present step. */
interface StepValues {
  readonly inputIds: string;
  readonly positionIds: string;
  readonly cos: string;
  readonly sin: string;
  /** int64 [3], (lanes, sequence, -1): turns [lanes · sequence, n] into [lanes, sequence, n]. */
  readonly byLane: string;
  /** int32 [lanes]: index of each lane's last token. */
  readonly lastIndex: string;
  /** int32 scalar: past and present tokens. */
  readonly totalLength: string;
  /** [sequence, past + sequence] float, in an eager graph: 0 where a token may look, the lowest float where not. */
  readonly mask: string | undefined;
  /** The same for sliding layers, in an eager graph that has them. */
  readonly slidingMask: string | undefined;
  /** [lanes, headDim, headDim], in a graph that has it. */
  readonly pairing: string | undefined;
}

function addInputs(g: GraphBuilder, config: DecoderConfig, options: DecoderOptions): StepValues {
  const { headDim, numKeyValueHeads, numHiddenLayers, vocabSize } = config;
  const inputIds = g.input('input_ids', DataType.INT64, ['lanes', 'sequence']);
  const positionIds = g.input('position_ids', DataType.INT64, ['lanes', 'sequence']);
  const cos = g.input('cos_cache', DataType.FLOAT, ['rows', headDim / 2]);
  const sin = g.input('sin_cache', DataType.FLOAT, ['rows', headDim / 2]);
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
  const mask = options.attention === 'eager' ? addCausalMask(g, past, total) : undefined;
  return {
    inputIds,
    positionIds,
    cos,
    sin,
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

/**
 * RMS norm (Zhang and Sennrich 2019) of residual + update, and that sum, the new residual stream.
 * Without an update, of the residual stream as it is.
 */
function addNorm(
  g: GraphBuilder,
  name: string,
  residual: string,
  update: string | undefined,
  weight: TensorEntry,
  { epsilon }: { readonly epsilon: number },
): { readonly normed: string; readonly residual: string } {
  if (update === undefined) {
    const attributes = { axis: -1n, epsilon };
    const inputs = [residual, g.weight(weight)];
    return {
      normed: g.node(name, 'SimplifiedLayerNormalization', inputs, { attributes }),
      residual,
    };
  }
  const sum = `${name}/residual`;
  const inputs = [residual, update, g.weight(weight)];
  const options = { ...MICROSOFT, attributes: { epsilon } };
  g.nodes(name, 'SkipSimplifiedLayerNormalization', inputs, [name, '', '', sum], options);
  return { normed: name, residual: sum };
}

/** Grouped-query attention over rotated queries and keys; gives the output projection, [lanes · sequence, hidden]. */
function addAttention(
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

  /** Linear map, QK norm where there is one, and then one row per token and lane. */
  const project = (
    output: string,
    letter: string,
    linear: LinearWeights,
    norm?: TensorEntry,
  ): string => {
    let projected = addLinear(g, `${name}/${letter}`, input, linear);
    if (norm && config.qkNorm === 'whole') {
      const epsilon = { epsilon: config.normEps };
      projected = addNorm(g, `${name}/${letter}_norm`, projected, undefined, norm, epsilon).normed;
    } else if (norm) {
      const heads = g.constant('heads', [-1, headDim]);
      projected = addNorm(
        g,
        `${name}/${letter}_norm`,
        g.node(`${name}/${letter}_heads`, 'Reshape', [projected, heads]),
        undefined,
        norm,
        { epsilon: config.normEps },
      ).normed;
    }
    return g.node(output, 'Reshape', [projected, step.byLane]);
  };
  const rotated = (output: string, input: string, heads: number) =>
    g.node(output, 'RotaryEmbedding', [input, step.positionIds, step.cos, step.sin], {
      ...MICROSOFT,
      attributes: { interleaved: 0n, num_heads: BigInt(heads) },
    });

  const paired = (letter: string, input: string): string => {
    if (step.pairing === undefined) return input;
    const heads = g.node(`${name}/${letter}_by_head`, 'Reshape', [
      input,
      g.constant('by_head', [0, -1, headDim]),
    ]);
    const permuted = g.node(`${name}/${letter}_paired`, 'MatMul', [heads, step.pairing]);
    return g.node(`${name}/${letter}_pairs`, 'Reshape', [permuted, step.byLane]);
  };

  const query = project(values.queryBeforeRotation, 'q', layer.q, layer.qNorm);
  const key = project(values.keyBeforeRotation, 'k', layer.k, layer.kNorm);
  const value = project(`${name}/v_by_lane`, 'v', layer.v);
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
  const slides = config.layerAttention[index] === 'sliding';
  const mask = slides ? step.slidingMask : step.mask;
  const window = slides ? config.slidingWindow : null;
  if (mask === undefined) addFusedAttention(g, name, inputs, values, step, config, window);
  else addEagerAttention(g, name, inputs, values, mask, config);
  const merged = g.constant('merged_heads', [-1, numAttentionHeads * headDim]);
  const tokens = g.node(`${name}/tokens`, 'Reshape', [name, merged]);
  return addLinear(g, `${name}/o`, tokens, layer.o);
}

/** SwiGLU (Shazeer 2020): down(silu(gate(x)) · up(x)). QuickGelu with alpha 1 is silu in one node. */
function addMlp(g: GraphBuilder, name: string, input: string, layer: LayerWeights): string {
  const gate = addLinear(g, `${name}/gate`, input, layer.gate);
  const up = addLinear(g, `${name}/up`, input, layer.up);
  const silu = g.node(`${name}/silu`, 'QuickGelu', [gate], {
    ...MICROSOFT,
    attributes: { alpha: 1 },
  });
  return addLinear(g, `${name}/down`, g.node(`${name}/gated`, 'Mul', [silu, up]), layer.down);
}

/** Logits [lanes, 1 or sequence, vocab]. */
function addHead(
  g: GraphBuilder,
  normed: string,
  weight: TensorEntry,
  step: StepValues,
  options: DecoderOptions,
): void {
  const head = (input: string) => addLinear(g, 'head', input, { weight, bias: undefined });
  if (options.logits === 'all') {
    g.node('logits', 'Reshape', [head(normed), step.byLane]);
    return;
  }
  const hidden = g.node('hidden', 'Reshape', [normed, step.byLane]);
  /** A scalar index would drop the axis; a list of one keeps it for the logits' shape. */
  const lastOfEach = g.node('last_hidden', 'Gather', [hidden, g.constant('minus_one', [-1])], {
    attributes: { axis: 1n },
  });
  const flat = g.node('last_tokens', 'Flatten', [lastOfEach], { attributes: { axis: 2n } });
  g.node('logits', 'Unsqueeze', [head(flat), g.constant('one', [1])]);
}
