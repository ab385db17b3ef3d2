import type { GraphProto, NodeProto, TensorProto } from '../proto/onnx_pb';

/** Operators whose first input's values come out as they went in, in another shape or precision. */
const RESHAPING = new Set([
  'Cast',
  'Expand',
  'Flatten',
  'Identity',
  'Reshape',
  'Squeeze',
  'Transpose',
  'Unsqueeze',
]);

/** Values on the way from a constant to where it is used; further ones are not followed. */
const MAX_STEPS = 64;

/** Who makes which value of a graph, and which values are constants. */
export class GraphIndex {
  readonly #producers = new Map<string, NodeProto>();
  readonly #constants = new Map<string, TensorProto>();

  constructor(graph: GraphProto) {
    for (const tensor of graph.initializer) this.#constants.set(tensor.name, tensor);
    for (const node of graph.node) {
      for (const output of node.output) {
        if (output !== '') this.#producers.set(output, node);
      }
      const [output] = node.output;
      const value = node.opType === 'Constant' ? constantOf(node) : undefined;
      if (output !== undefined && value) this.#constants.set(output, value);
    }
  }

  producer(name: string): NodeProto | undefined {
    return this.#producers.get(name);
  }

  constant(name: string): TensorProto | undefined {
    return this.#constants.get(name);
  }

  /** The constant that a value is, but for its shape and precision: its name, or undefined. */
  constantBehind(value: string | undefined): string | undefined {
    let name = value;
    for (let step = 0; step < MAX_STEPS && name !== undefined && name !== ''; step++) {
      if (this.#constants.has(name)) return name;
      const node = this.#producers.get(name);
      if (!node || !RESHAPING.has(node.opType)) return undefined;
      [name] = node.input;
    }
    return undefined;
  }
}

function constantOf(node: NodeProto): TensorProto | undefined {
  return node.attribute.find(({ name }) => name === 'value')?.t;
}

/** An integer attribute, 0 where it is not there. */
export function integerAttribute(node: NodeProto, name: string): number {
  return Number(node.attribute.find((attribute) => attribute.name === name)?.i ?? 0n);
}
