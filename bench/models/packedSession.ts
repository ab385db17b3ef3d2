import { fromBinary, toBinary } from '@bufbuild/protobuf';
import type { DecoderConfig } from '../../src/core/decoderConfig';
import type { Packing } from '../../src/core/packing';
import { parseConfig } from '../../src/onnx/config';
import { buildStages, PLAYGROUND_GRAPH } from '../../src/onnx/decoder';
import { ModelProtoSchema } from '../../src/onnx/proto/onnx_pb';
import { type Checkpoint, headerLength, parseCheckpoint } from '../../src/onnx/safetensors';
import { copiedFile } from '../../src/onnx/weightFile';
import { packingForms, WeightLayout } from '../../src/onnx/weightLayout';
import { virtualFile } from '../../workers/lazyBytes';
import { nodeRuntime } from '../../workers/nodeRuntime';
import { DecoderSession } from '../../workers/session';
import type { OpenModel } from '../../workers/testing/referenceDecoding';
import { madeUpWeights } from './madeUpWeights';
import type { Shape } from './shapes';

/** How a session is made: as the engine does it, or otherwise in one respect. */
export interface Case {
  readonly name: string;
  readonly packing: Packing;
  readonly widenOnce: boolean;
  /** Of MatMulNBits, instead of what the graph says: 4 lets it round activations to 8 bits. */
  readonly accuracyLevel?: number;
}

export interface PackedModel extends OpenModel {
  /** Bytes of the weights in the form that the graph takes them in. */
  readonly weightBytes: number;
}

/** The layout of a model's weights, and the graph that points into it. */
export function packedGraph(config: DecoderConfig, checkpoint: Checkpoint, packing: Packing) {
  const layout = new WeightLayout(
    packingForms(packing, { executionProvider: 'wasm', halves: true }),
  );
  const graphs = buildStages(config, checkpoint, {
    ...PLAYGROUND_GRAPH,
    weights: { kind: 'packed', layout },
  });
  return { layout, graphs };
}

export async function openPacked(
  shape: Shape,
  { packing, widenOnce, accuracyLevel }: Case,
): Promise<PackedModel> {
  const config = parseConfig(JSON.stringify(shape.config));
  const weights = madeUpWeights(shape.config);
  const start = weights.read(0, 8);
  const header = weights.read(0, 8 + headerLength(start, weights.size));
  const checkpoint = parseCheckpoint(header, weights.size);
  const { layout, graphs } = packedGraph(config, checkpoint, packing);
  const name = 'model.safetensors';
  const readInto = (offset: number, target: Uint8Array) =>
    target.set(weights.read(offset, offset + target.byteLength));
  const files = new Map([[name, copiedFile(name, weights.size, readInto)]]);
  const session = await DecoderSession.create(
    await nodeRuntime.load('wasm'),
    {
      graphs:
        accuracyLevel === undefined
          ? graphs
          : graphs.map((graph) => withAccuracy(graph, accuracyLevel)),
      weights: layout.files.map(({ location, length }) => ({
        location,
        bytes: virtualFile(location, length, layout.segments, files),
      })),
      widenOnce,
    },
    config,
    'wasm',
  );
  return { config, session, weightBytes: layout.bytes };
}

function withAccuracy(graph: Uint8Array, level: number): Uint8Array {
  const model = fromBinary(ModelProtoSchema, graph);
  const attributes = model.graph?.node.flatMap(({ attribute }) => attribute) ?? [];
  for (const attribute of attributes.filter((one) => one.name === 'accuracy_level')) {
    attribute.i = BigInt(level);
  }
  return toBinary(ModelProtoSchema, model);
}
