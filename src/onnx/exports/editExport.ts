import { create } from '@bufbuild/protobuf';
import { Failure } from '../../core/errors';
import {
  type GraphProto,
  type NodeProto,
  TensorShapeProto_DimensionSchema,
  ValueInfoProtoSchema,
} from '../proto/onnx_pb';
import type { GraphIndex } from './graphIndex';
import { type ReadExport, writeExport } from './readExport';

/**
 * The file with these constants turned into inputs of the same name, type and shape, for the graph and its branches. Where an If
 * chose the constant, the If is gone. Nothing else of it changes, nor does `read`.
 *
 * @throws Failure onnx-invalid if one of them is not there, or an If chooses more than them
 */
export function constantsToInputs(
  { model, graph }: ReadExport,
  index: GraphIndex,
  names: readonly string[],
): Uint8Array {
  const inputs = names.map((name) => {
    const tensor = index.anywhere(name);
    if (!tensor) throw new Failure('onnx-invalid', `There is no constant ${name}.`);
    const dim = tensor.dims.map((side) =>
      create(TensorShapeProto_DimensionSchema, { value: { case: 'dimValue', value: side } }),
    );
    const value = { elemType: tensor.dataType, shape: { dim } };
    return create(ValueInfoProtoSchema, { name, type: { value: { case: 'tensorType', value } } });
  });
  const edited = without(graph, new Set(names));
  return writeExport({ ...model, graph: { ...edited, input: [...edited.input, ...inputs] } });
}

/** A graph and its branches without these constants: they are to come from outside. */
function without(graph: GraphProto, gone: ReadonlySet<string>): GraphProto {
  const stays = ({ name }: { readonly name: string }) => !gone.has(name);
  return {
    ...graph,
    node: graph.node.filter((node) => !makes(node, gone)).map((node) => inBranches(node, gone)),
    initializer: graph.initializer.filter(stays),
    // A file of IR version 3 lists its initializers among the inputs.
    input: graph.input.filter(stays),
    // Shapes that are known of a value that is an input now would be said twice.
    valueInfo: graph.valueInfo.filter(stays),
  };
}

function makes({ opType, output }: NodeProto, gone: ReadonlySet<string>): boolean {
  const taken = output.filter((name) => gone.has(name));
  if (taken.length === 0 || (opType !== 'Constant' && opType !== 'If')) return false;
  if (taken.length === output.length) return true;
  throw new Failure(
    'onnx-invalid',
    `An If chooses ${output.join(', ').slice(0, 200)} together, and not all of these are rotary tables.`,
  );
}

function inBranches(node: NodeProto, gone: ReadonlySet<string>): NodeProto {
  if (!node.attribute.some(({ g }) => g)) return node;
  const attribute = node.attribute.map((one) =>
    one.g ? { ...one, g: without(one.g, gone) } : one,
  );
  return { ...node, attribute };
}
