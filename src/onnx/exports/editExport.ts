import { create } from '@bufbuild/protobuf';
import { Failure } from '../../core/errors';
import {
  type GraphProto,
  TensorShapeProto_DimensionSchema,
  ValueInfoProtoSchema,
} from '../proto/onnx_pb';
import { GraphIndex } from './graphIndex';
import { type ReadExport, writeExport } from './readExport';

/**
 * The file with these constants turned into inputs of the same name, type and shape. Nothing else of it changes, nor does `read`.
 *
 * @throws Failure onnx-invalid if one of them is not there
 */
export function constantsToInputs(
  { model, graph }: ReadExport,
  names: readonly string[],
): Uint8Array {
  const index = new GraphIndex(graph);
  const inputs = names.map((name) => {
    const tensor = index.constant(name);
    if (!tensor) throw new Failure('onnx-invalid', `There is no constant ${name}.`);
    const dim = tensor.dims.map((side) =>
      create(TensorShapeProto_DimensionSchema, { value: { case: 'dimValue', value: side } }),
    );
    const value = { elemType: tensor.dataType, shape: { dim } };
    return create(ValueInfoProtoSchema, { name, type: { value: { case: 'tensorType', value } } });
  });
  const gone = new Set(names);
  const edited: GraphProto = {
    ...graph,
    node: graph.node.filter(
      ({ opType, output: [first = ''] }) => !(opType === 'Constant' && gone.has(first)),
    ),
    initializer: graph.initializer.filter(({ name }) => !gone.has(name)),
    // A file of IR version 3 lists its initializers among the inputs.
    input: [...graph.input.filter(({ name }) => !gone.has(name)), ...inputs],
    // Shapes that are known of a value that is an input now would be said twice.
    valueInfo: graph.valueInfo.filter(({ name }) => !gone.has(name)),
  };
  return writeExport({ ...model, graph: edited });
}
