import { create, toBinary } from '@bufbuild/protobuf';
import type { DecoderConfig } from '../core/decoderConfig';
import { Failure } from '../core/errors';
import { addBlock, type Stream } from './block';
import { addInputs, layerValues, type StepValues } from './decoderInputs';
import type { DecoderOptions } from './decoderOptions';
import { GraphBuilder } from './graph';
import { addEmbedding, addHeadProduct } from './linear';
import { addNorm } from './norms';
import {
  type GraphProto,
  ModelProtoSchema,
  TensorProto_DataType as DataType,
} from './proto/onnx_pb';
import { type Checkpoint, type TensorEntry, WEIGHTS_FILE } from './safetensors';
import { addScale, addSoftcap } from './scale';
import { STAGE_LIMITS, type StageLimits, stagesOf } from './stages';
import { traceWidth } from './trace';
import { type DecoderWeights, findWeights } from './weights';

export { layerValues } from './decoderInputs';
export type { DecoderOptions } from './decoderOptions';

/** The graph that the playground runs: every step gives its queries and keys, and a lane may pair otherwise. */
export const PLAYGROUND_GRAPH: DecoderOptions = { trace: true, pairing: true };

const IR_VERSION = 10n;
const OPSET_VERSION = 21n;
/** Protobuf's own limit for one message. */
const MAX_EMBEDDED_BYTES = 2 ** 31 - 1;

/**
 * The decoder as an ONNX model, in bytes. The same config, header and options give the same bytes.
 *
 * Inputs: input_ids, position_ids [lanes, sequence] int64; cos_cache, sin_cache [rows, rotaryDim / 2] float, the lanes'
 * tables stacked, so that position_ids says which lane's row a token turns by; cos_cache_local, sin_cache_local, those of the
 * sliding layers, where they turn otherwise; past_key_values.N.key and .value [lanes, kvHeads, past, headDim] float. Outputs: logits [lanes, 1 or sequence, vocab]; present.N.key and .value.
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
  return serialize(draw(config, checkpoint, options).graph);
}

/**
 * The same as one model or, where its weights are better had in stages, as several that run one after the other.
 * @throws Failure weights-invalid
 */
export function buildStages(
  config: DecoderConfig,
  checkpoint: Checkpoint,
  options: DecoderOptions,
  limits: StageLimits = STAGE_LIMITS,
): Uint8Array[] {
  const { graph, segments, forms } = draw(config, checkpoint, options);
  return (forms.inStages ? stagesOf(graph, segments, limits) : [graph]).map(serialize);
}

function draw(
  config: DecoderConfig,
  checkpoint: Checkpoint,
  options: DecoderOptions,
): GraphBuilder {
  const storage = options.weights ?? { kind: 'external', location: WEIGHTS_FILE };
  if (storage.kind === 'embedded' && checkpoint.fileLength > MAX_EMBEDDED_BYTES) {
    throw new Failure('weights-invalid', 'weights over 2 GB do not fit in one ONNX file');
  }
  const weights = findWeights(checkpoint, config);
  const g = new GraphBuilder(config.modelType, storage);
  addDecoder(g, config, weights, options);
  return g;
}

function serialize(graph: GraphProto): Uint8Array {
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion: IR_VERSION,
      producerName: 'rope-collapse-playground',
      graph,
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
  g.cut();
  const embedded = addEmbedding(g, weights.embedding, step.inputIds);
  let stream: Stream = {
    residual: addScale(g, 'embedding_scaled', embedded, config.embeddingScale),
    update: undefined,
  };
  const traces: string[] = [];
  weights.layers.forEach((layer, index) => {
    g.cut();
    stream = addBlock(g, index, stream, layer, step, config, options);
    if (options.trace) traces.push(...layerTrace(g, index));
  });
  g.cut();
  const { residual, update } = stream;
  const { normed } = addNorm(g, 'final_norm', residual, update, weights.finalNorm, config);
  const scaled = addScale(g, 'final_scaled', normed, config.logitScale);
  addHead(g, scaled, weights.head, step, config, options);
  if (!options.trace) return;
  g.cut();
  addTrace(g, traces, config);
}

/** One output for all that is traced: an output costs every step a call and, on a GPU, a read of its own. */
function addTrace(g: GraphBuilder, parts: readonly string[], config: DecoderConfig): void {
  g.output('trace', DataType.FLOAT, ['lanes', 'sequence', traceWidth(config)]);
  g.node('trace', 'Concat', parts, { attributes: { axis: 2n } });
}

/** What is traced of one layer: in stages as one value, since a value that passes from one to the next costs every step as well. */
function layerTrace(g: GraphBuilder, layer: number): string[] {
  const values = layerValues(layer);
  const parts = [
    values.queryBeforeRotation,
    values.keyBeforeRotation,
    values.queryAfterRotation,
    values.keyAfterRotation,
  ];
  if (!g.forms.inStages) return parts;
  return [g.node(`layer.${layer}/trace`, 'Concat', parts, { attributes: { axis: 2n } })];
}

/** Logits [lanes, 1 or sequence, vocab]. */
function addHead(
  g: GraphBuilder,
  normed: string,
  weight: TensorEntry,
  step: StepValues,
  { logitSoftcap: cap }: DecoderConfig,
  options: DecoderOptions,
): void {
  const head = (input: string) => addHeadProduct(g, 'head', input, weight);
  const logits = cap === null ? 'logits' : 'logits/uncapped';
  const capped = () => {
    if (cap !== null) addSoftcap(g, 'logits', logits, cap);
  };
  if (options.logits === 'all') {
    g.node(logits, 'Reshape', [head(normed), step.byLane]);
    capped();
    return;
  }
  const hidden = g.node('hidden', 'Reshape', [normed, step.byLane]);
  /** A scalar index would drop the axis; a list of one keeps it for the logits' shape. */
  const lastOfEach = g.node('last_hidden', 'Gather', [hidden, g.constant('minus_one', [-1])], {
    attributes: { axis: 1n },
  });
  const flat = g.node('last_tokens', 'Flatten', [lastOfEach], { attributes: { axis: 2n } });
  g.node(logits, 'Unsqueeze', [head(flat), g.constant('one', [1])]);
  capped();
}
