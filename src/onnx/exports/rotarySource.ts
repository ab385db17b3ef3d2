import { Failure } from '../../core/errors';
import type { NodeProto, TensorProto } from '../proto/onnx_pb';
import { floatType, floatValues, type ReadExternal, shapeOf, sizeOf } from './constantValues';
import { type GraphIndex, integerAttribute, RESHAPING_OR_SLICING } from './graphIndex';

/** Constants that a graph's rotation comes from, by name. */
export type RotarySource =
  /** Tables [positions, columns] that a rotating operator, or a Gather by position, reads. */
  | { readonly kind: 'tables'; readonly cos: string; readonly sin: string }
  /** One vector, whose product with the positions goes to Cos and Sin. */
  | { readonly kind: 'frequencies'; readonly invFreq: string };

/** Values between a product and its Cos or Sin; further ones are not followed. */
const MAX_STEPS = 64;
/** A head has no more components. */
const MAX_COLUMNS = 4096;

/**
 * Where a graph and its branches take their rotation from, each source once.
 *
 * @throws Failure onnx-no-rotary with what was looked for, and what is there instead; onnx-invalid, files-missing
 */
export function findRotarySources(root: GraphIndex, external: ReadExternal): RotarySource[] {
  const sources = root
    .all()
    .flatMap((index) => [
      ...rotatingOperators(index),
      ...multiplied(index),
      ...gathered(index, external),
    ]);
  const distinct = new Map(sources.map((source) => [JSON.stringify(source), source]));
  if (distinct.size > 0) return [...distinct.values()];
  throw new Failure(
    'onnx-no-rotary',
    `The graph has no rotary tables that RotaryEmbedding, GroupQueryAttention or a Gather reads, and no inv_freq whose product goes to Cos and Sin; ${insteadOf(root)}.`,
  );
}

/** RotaryEmbedding of either domain, and GroupQueryAttention that rotates. */
function rotatingOperators(index: GraphIndex): RotarySource[] {
  return index.graph.node.flatMap((node): RotarySource[] => {
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
      `${node.opType} reads its cosines from ${maker}, not from a table of the file: tables that are computed cannot be taken over.`,
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

function multiplied(index: GraphIndex): RotarySource[] {
  const reached = (operator: string) =>
    new Set(
      index.graph.node
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
  return size > 1 && size <= MAX_COLUMNS && shapeOf(tensor).includes(size);
}

/**
 * Tables that are gathered by position, from before Cos and Sin were computed for good: two of one shape. Whatever they are called, a
 * table of sines begins with a row of zeros, and one of cosines with a row of one other number.
 */
function gathered(index: GraphIndex, external: ReadExternal): RotarySource[] {
  const names = new Set(
    index.graph.node.flatMap((node) =>
      node.opType === 'Gather'
        ? (index.constantBehind(node.input[0], RESHAPING_OR_SLICING) ?? [])
        : [],
    ),
  );
  const tables = [...names].flatMap((name) => {
    const tensor = index.constant(name);
    const kind = tensor && tableKind(tensor, external);
    return kind ? [{ name, kind, shape: shapeOf(tensor).join() }] : [];
  });
  const sines = tables.filter(({ kind }) => kind === 'sin');
  return tables
    .filter(({ kind }) => kind === 'cos')
    .flatMap(({ name: cos, shape }, i): RotarySource[] => {
      const sin = sines[i];
      return sin?.shape === shape ? [{ kind: 'tables', cos, sin: sin.name }] : [];
    });
}

function tableKind(tensor: TensorProto, external: ReadExternal): 'cos' | 'sin' | undefined {
  const shape = shapeOf(tensor);
  const columns = shape.at(-1) ?? 0;
  const isTable = floatType(tensor.dataType) && shape.filter((side) => side !== 1).length === 2;
  if (!isTable || columns > MAX_COLUMNS || sizeOf(tensor) < 2 * columns) return undefined;
  const values = floatValues(tensor, external, 2 * columns);
  const [first = 0] = values;
  const isEven = values.subarray(0, columns).every((value) => value === first);
  const moves = values.subarray(columns).some((value) => value !== first);
  if (!isEven || !moves) return undefined;
  return first === 0 ? 'sin' : 'cos';
}

function insteadOf(root: GraphIndex): string {
  const nodes = root.all().flatMap(({ graph }) => graph.node);
  const counted = ['Cos', 'Sin', 'RotaryEmbedding', 'GroupQueryAttention', 'Gather', 'If'].flatMap(
    (operator) => {
      const { length } = nodes.filter(({ opType }) => opType === operator);
      return length > 0 ? [`${length} ${operator}`] : [];
    },
  );
  return counted.length > 0
    ? `of such operators it has ${counted.join(', ')}`
    : 'it has no such operators';
}
