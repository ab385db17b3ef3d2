import { sizeOf } from './constantValues';
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

/** Who makes which value of a graph, and which values are constants; in a branch, also those of the graph around it. */
export class GraphIndex {
  readonly graph: GraphProto;
  /** Of the branches of this graph's If nodes. */
  readonly branches: readonly GraphIndex[];
  readonly #around: GraphIndex | undefined;
  readonly #producers = new Map<string, NodeProto>();
  readonly #constants = new Map<string, TensorProto>();

  constructor(graph: GraphProto, around?: GraphIndex) {
    this.graph = graph;
    this.#around = around;
    for (const tensor of graph.initializer) this.#constants.set(tensor.name, tensor);
    for (const node of graph.node) {
      for (const output of node.output) {
        if (output !== '') this.#producers.set(output, node);
      }
      const [output] = node.output;
      const value = node.opType === 'Constant' ? constantOf(node) : undefined;
      if (output !== undefined && value) this.#constants.set(output, value);
    }
    // Last, since a branch looks for constants around it.
    this.branches = graph.node.flatMap((node) => this.#branchesOf(node));
  }

  producer(name: string): NodeProto | undefined {
    return this.#producers.get(name) ?? this.#around?.producer(name);
  }

  constant(name: string): TensorProto | undefined {
    return this.#constants.get(name) ?? this.#around?.constant(name);
  }

  /** The constant that a value is, but for its shape and precision: its name, or undefined. */
  constantBehind(
    value: string | undefined,
    through: ReadonlySet<string> = RESHAPING,
  ): string | undefined {
    let name = value;
    for (let step = 0; step < MAX_STEPS && name !== undefined && name !== ''; step++) {
      if (this.constant(name)) return name;
      const node = this.producer(name);
      if (!node || !through.has(node.opType)) return undefined;
      [name] = node.input;
    }
    return undefined;
  }

  /** A constant of this graph or, if it has none of that name, of a branch. */
  anywhere(name: string): TensorProto | undefined {
    return this.allOf(name)[0];
  }

  /** The constants that this graph and its branches call so. */
  allOf(name: string): TensorProto[] {
    return this.all().flatMap((index) => index.#constants.get(name) ?? []);
  }

  /** This graph, and all branches inside of it. */
  all(): GraphIndex[] {
    return [this, ...this.branches.flatMap((branch) => branch.all())];
  }

  /**
   * Where an If chooses between two constants, as by the text's length, its output is one of them: the smaller, which is that of
   * short texts.
   */
  #branchesOf(node: NodeProto): GraphIndex[] {
    const graphs = branchGraphs(node);
    const branches = graphs.map((graph) => new GraphIndex(graph, this));
    if (node.opType !== 'If' || branches.length !== 2) return branches;
    for (const [at, output] of node.output.entries()) {
      const chosen = branches.flatMap((branch) => {
        const name = branch.constantBehind(branch.graph.output[at]?.name);
        return (name === undefined ? undefined : branch.constant(name)) ?? [];
      });
      const [smaller] = chosen.sort((a, b) => sizeOf(a) - sizeOf(b));
      if (chosen.length === 2 && smaller) this.#constants.set(output, smaller);
    }
    return branches;
  }
}

/** What slicing leaves of a table are its first rows. */
export const RESHAPING_OR_SLICING: ReadonlySet<string> = new Set([...RESHAPING, 'Slice']);

export function branchGraphs(node: NodeProto): GraphProto[] {
  return node.attribute.flatMap(({ g }) => g ?? []);
}

function constantOf(node: NodeProto): TensorProto | undefined {
  return node.attribute.find(({ name }) => name === 'value')?.t;
}

/** An integer attribute, 0 where it is not there. */
export function integerAttribute(node: NodeProto, name: string): number {
  return Number(node.attribute.find((attribute) => attribute.name === name)?.i ?? 0n);
}
