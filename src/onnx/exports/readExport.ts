import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { Failure } from '../../core/errors';
import { type GraphProto, type ModelProto, ModelProtoSchema } from '../proto/onnx_pb';
import { branchGraphs } from './graphIndex';

/** A protobuf message cannot be longer than a signed 32-bit length says. Bytes. */
export const MAX_MODEL_BYTES = 2 ** 31 - 1;
/** Nodes of one graph; a decoder of 80 layers has about 20,000. */
const MAX_NODES = 200_000;
/** Tensors of one graph. */
const MAX_INITIALIZERS = 50_000;

/** A model whose graph is there. */
export interface ReadExport {
  readonly model: ModelProto;
  readonly graph: GraphProto;
}

/**
 * Reads an ONNX file. Fields that are not known here survive being written again.
 *
 * @throws Failure onnx-invalid
 */
export function readExport(bytes: Uint8Array): ReadExport {
  if (bytes.byteLength > MAX_MODEL_BYTES) {
    throw new Failure(
      'onnx-invalid',
      `The ONNX file has ${bytes.byteLength} bytes, more than a protobuf message can have (2 GB): its weights belong into a file of external data.`,
    );
  }
  const model = parse(bytes);
  const { graph } = model;
  if (!graph || graph.node.length === 0) {
    throw new Failure('onnx-invalid', 'The ONNX file holds no graph.');
  }
  const { nodes, initializers } = sizeOfGraph(graph);
  if (nodes > MAX_NODES || initializers > MAX_INITIALIZERS) {
    throw new Failure(
      'onnx-invalid',
      `The graph has ${nodes} nodes and ${initializers} initializers, more than are read.`,
    );
  }
  return { model, graph };
}

/** Of a graph and its branches. */
function sizeOfGraph(graph: GraphProto): { readonly nodes: number; readonly initializers: number } {
  const branches = graph.node.flatMap(branchGraphs).map(sizeOfGraph);
  return {
    nodes: branches.reduce((sum, { nodes }) => sum + nodes, graph.node.length),
    initializers: branches.reduce(
      (sum, { initializers }) => sum + initializers,
      graph.initializer.length,
    ),
  };
}

/** The file again. */
export function writeExport(model: ModelProto): Uint8Array {
  return toBinary(ModelProtoSchema, model);
}

function parse(bytes: Uint8Array): ModelProto {
  try {
    return fromBinary(ModelProtoSchema, bytes);
  } catch (cause) {
    // Also where subgraphs lie in each other deeper than the stack.
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Failure('onnx-invalid', `The ONNX file cannot be read: ${why}`, { cause });
  }
}
