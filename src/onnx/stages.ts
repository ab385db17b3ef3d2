import { create } from '@bufbuild/protobuf';
import {
  type GraphProto,
  GraphProtoSchema,
  type NodeProto,
  TensorProto_DataType as DataType,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from './proto/onnx_pb';

/** A stage costs a call in every step, and saves the holes that packing leaves in a heap. */
export interface StageLimits {
  /** Bytes of weights up to which a graph stays whole: the call is a large part of its step, and there is little to save. */
  readonly wholeBytes: number;
  /** Bytes of weights that a stage has at least, if there are so many. */
  readonly leastBytes: number;
  /** About how many stages there are at most. */
  readonly most: number;
}

export const STAGE_LIMITS: StageLimits = {
  wholeBytes: 128 * 2 ** 20,
  leastBytes: 32 * 2 ** 20,
  most: 12,
};

/**
 * A graph as several that run one after the other. ORT reads all matrices of a graph before it packs the first one, and the packed
 * ones do not fit into the places of those that they replace, for want of a few bytes: with stages it has packed one before it
 * reads the next, and the holes that are left are those of one stage. A small graph stays as it is.
 *
 * What a stage takes beside the graph's own inputs and gives beside its outputs are the residual stream and the trace's parts.
 *
 * @param segments the graph's nodes: first those that depend on inputs alone, which every stage repeats as far as it needs them;
 *   then parts between which the graph may be cut. A part without weights is a stage of its own, so that it need not run.
 */
export function stagesOf(
  graph: GraphProto,
  [shared = [], ...segments]: readonly (readonly NodeProto[])[],
  { wholeBytes, leastBytes, most }: StageLimits,
): GraphProto[] {
  const bytes = weightBytes(graph);
  const total = [...bytes.values()].reduce((sum, size) => sum + size, 0);
  if (total <= wholeBytes) return [graph];
  const stageBytes = Math.max(leastBytes, total / most);
  const stages: { nodes: NodeProto[]; bytes: number }[] = [];
  for (const segment of segments) {
    const used = new Set(segment.flatMap(({ input }) => input));
    const size = [...used].reduce((sum, name) => sum + (bytes.get(name) ?? 0), 0);
    const last = stages.at(-1);
    if (last && size > 0 && last.bytes + size <= stageBytes) {
      last.nodes.push(...segment);
      last.bytes += size;
    } else {
      stages.push({ nodes: [...segment], bytes: size });
    }
  }
  return stages.map(({ nodes }, index) => {
    const later = stages.slice(index + 1).flatMap((stage) => stage.nodes);
    return stageOf(graph, shared, nodes, later, `${graph.name}.${index}`);
  });
}

function stageOf(
  graph: GraphProto,
  shared: readonly NodeProto[],
  own: readonly NodeProto[],
  later: readonly NodeProto[],
  name: string,
): GraphProto {
  const node = [...needed(shared, own), ...own];
  const used = new Set(node.flatMap(({ input }) => input));
  const made = new Set(node.flatMap(({ output }) => output));
  const usedLater = new Set(later.flatMap(({ input }) => input));
  const input = graph.input.filter((one) => used.has(one.name));
  const initializer = graph.initializer.filter((one) => used.has(one.name));
  const output = graph.output.filter((one) => made.has(one.name));
  const known = new Set([...input, ...initializer, ...output].map((one) => one.name));
  for (const value of used) {
    if (value !== '' && !known.has(value) && !made.has(value)) input.push(floats(value));
  }
  for (const value of own.flatMap((one) => one.output)) {
    if (value !== '' && usedLater.has(value) && !known.has(value)) output.push(floats(value));
  }
  return create(GraphProtoSchema, { name, node, input, output, initializer });
}

/** Those of `nodes` that `users` depend on, in their order. */
function needed(nodes: readonly NodeProto[], users: readonly NodeProto[]): NodeProto[] {
  const wanted = new Set(users.flatMap(({ input }) => input));
  const found = [...nodes].reverse().filter(({ input, output }) => {
    if (!output.some((name) => wanted.has(name))) return false;
    for (const name of input) wanted.add(name);
    return true;
  });
  return found.reverse();
}

/** Bytes of the initializers that lie outside of the graph. */
function weightBytes({ initializer }: GraphProto): ReadonlyMap<string, number> {
  return new Map(
    initializer.map(({ name, externalData }) => [
      name,
      Number(externalData.find(({ key }) => key === 'length')?.value ?? 0),
    ]),
  );
}

/** A value of float32 and of any shape. */
function floats(name: string): ValueInfoProto {
  return create(ValueInfoProtoSchema, {
    name,
    type: { value: { case: 'tensorType', value: { elemType: DataType.FLOAT } } },
  });
}
