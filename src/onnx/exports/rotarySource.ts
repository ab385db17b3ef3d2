import { Failure } from '../../core/errors';
import type { GraphProto, NodeProto } from '../proto/onnx_pb';
import { floatType, shapeOf, sizeOf } from './constantValues';
import { GraphIndex, integerAttribute } from './graphIndex';

/** Constants that a graph's rotation comes from, by name. */
export type RotarySource =
  /** Tables [positions, columns] that a rotating operator, or a Gather by position, reads. */
  | { readonly kind: 'tables'; readonly cos: string; readonly sin: string }
  /** One vector, whose product with the positions goes to Cos and Sin. */
  | { readonly kind: 'frequencies'; readonly invFreq: string };

/** Values between a product and its Cos or Sin; further ones are not followed. */
const MAX_STEPS = 64;

/**
 * Where a graph takes its rotation from, each source once.
 *
 * @throws Failure onnx-no-rotary with what was looked for, and what is there instead
 */
export function findRotarySources(graph: GraphProto): RotarySource[] {
  const index = new GraphIndex(graph);
  const sources = [
    ...rotatingOperators(graph, index),
    ...multiplied(graph, index),
    ...gathered(graph, index),
  ];
  const distinct = new Map(sources.map((source) => [JSON.stringify(source), source]));
  if (distinct.size > 0) return [...distinct.values()];
  throw new Failure(
    'onnx-no-rotary',
    `The graph has no rotary tables that RotaryEmbedding, GroupQueryAttention or a Gather reads, and no inv_freq whose product goes to Cos and Sin; ${insteadOf(graph)}.`,
  );
}

/** RotaryEmbedding of either domain, and GroupQueryAttention that rotates. */
function rotatingOperators(graph: GraphProto, index: GraphIndex): RotarySource[] {
  return graph.node.flatMap((node): RotarySource[] => {
    const [at, interleaved] = tableInputs(node) ?? [];
    if (at === undefined) return [];
    if (integerAttribute(node, interleaved ?? '') !== 0) {
      throw new Failure(
        'onnx-no-rotary',
        `${node.opType} turns neighbouring components together, which is not what the lanes’ damage is described for.`,
      );
    }
    const cos = index.constantBehind(node.input[at]);
    const sin = index.constantBehind(node.input[at + 1]);
    if (cos !== undefined && sin !== undefined) return [{ kind: 'tables', cos, sin }];
    const maker = index.producer(node.input[at] ?? '')?.opType ?? 'an input';
    throw new Failure(
      'onnx-no-rotary',
      `${node.opType} reads its cosines from ${maker}, not from a table of the file: tables that are chosen by the text’s length, or computed, cannot be taken over.`,
    );
  });
}

/** Which input is cos (sin is the next), and which attribute says that pairs are interleaved. */
function tableInputs(node: NodeProto): readonly [number, string] | undefined {
  if (node.opType === 'RotaryEmbedding') {
    return node.domain === 'com.microsoft' ? [2, 'interleaved'] : [1, 'interleaved'];
  }
  if (node.opType !== 'GroupQueryAttention') return undefined;
  return integerAttribute(node, 'do_rotary') === 1 ? [7, 'rotary_interleaved'] : undefined;
}

function multiplied(graph: GraphProto, index: GraphIndex): RotarySource[] {
  const reached = (operator: string) =>
    new Set(
      graph.node
        .filter(({ opType }) => opType === operator)
        .flatMap(({ input }) => factorBehind(input[0], index) ?? []),
    );
  const sines = reached('Sin');
  return [...reached('Cos')]
    .filter((name) => sines.has(name))
    .map((invFreq) => ({ kind: 'frequencies', invFreq }));
}

/** The vector of a product with positions that an angle is made from. */
function factorBehind(angle: string | undefined, index: GraphIndex): string | undefined {
  let name = angle;
  for (let step = 0; step < MAX_STEPS && name !== undefined; step++) {
    const node = index.producer(name);
    if (!node) return undefined;
    if (node.opType === 'MatMul' || node.opType === 'Mul' || node.opType === 'Einsum') {
      const factors = node.input.map((input) => index.constantBehind(input));
      const vectors = factors.filter((factor) => factor !== undefined && isVector(factor, index));
      if (vectors.length > 0) return vectors[0];
      // A product with a scalar: the angles are those of its other factor.
      const scaled = node.input.findIndex((_, i) => factors[i] === undefined);
      name =
        node.opType === 'Mul' && factors.some((f) => f !== undefined)
          ? node.input[scaled]
          : undefined;
    } else {
      [name] = node.input;
    }
  }
  return undefined;
}

function isVector(name: string, index: GraphIndex): boolean {
  const tensor = index.constant(name);
  if (tensor === undefined || !floatType(tensor.dataType)) return false;
  const size = sizeOf(tensor);
  return size > 1 && size <= 4096 && shapeOf(tensor).includes(size);
}

/** Tables that are gathered by position: two of one shape, before Cos and Sin were computed for good. */
function gathered(graph: GraphProto, index: GraphIndex): RotarySource[] {
  const tables = new Set(
    graph.node.flatMap((node) => {
      const name = node.opType === 'Gather' ? index.constantBehind(node.input[0]) : undefined;
      const tensor = name === undefined ? undefined : index.constant(name);
      const isFloat = tensor !== undefined && floatType(tensor.dataType) !== undefined;
      const sides = isFloat ? shapeOf(tensor).filter((n) => n !== 1) : undefined;
      return name !== undefined && sides?.length === 2 ? [name] : [];
    }),
  );
  const named = (part: string) => [...tables].filter((name) => name.toLowerCase().includes(part));
  const sines = named('sin');
  return named('cos').flatMap((cos, i): RotarySource[] => {
    const sin = sines[i];
    const [a, b] = [index.constant(cos), index.constant(sin ?? '')];
    if (sin === undefined || !a || !b || shapeOf(a).join() !== shapeOf(b).join()) return [];
    return [{ kind: 'tables', cos, sin }];
  });
}

function insteadOf(graph: GraphProto): string {
  const counted = ['Cos', 'Sin', 'RotaryEmbedding', 'GroupQueryAttention', 'Gather', 'If'].flatMap(
    (operator) => {
      const { length } = graph.node.filter(({ opType }) => opType === operator);
      return length > 0 ? [`${length} ${operator}`] : [];
    },
  );
  return counted.length > 0
    ? `of such operators it has ${counted.join(', ')}`
    : 'it has no such operators';
}
