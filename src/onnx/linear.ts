import type { GraphBuilder } from './graph';
import { MICROSOFT } from './graph';
import { BLOCK_SIZE } from './quantization';
import type { TensorEntry } from './safetensors';
import { storedForm } from './tensorReading';
import type { LinearWeights } from './weights';

/** y = x Wᵀ + b of rows x, with W [out, in] as the checkpoint stores it, or as it is packed. */
export function addLinear(
  g: GraphBuilder,
  name: string,
  input: string,
  { weight, bias }: LinearWeights,
): string {
  if (g.forms.linear === 'int4') return addInt4Linear(g, name, input, weight, bias);
  return addGemm(g, name, input, g.floats(weight, g.forms.linear), bias);
}

function addGemm(
  g: GraphBuilder,
  name: string,
  input: string,
  matrix: string,
  bias?: TensorEntry,
): string {
  const inputs = [input, matrix, ...(bias ? [g.weight(bias)] : [])];
  return g.node(name, 'Gemm', inputs, { attributes: { transB: 1n } });
}

function addInt4Linear(
  g: GraphBuilder,
  name: string,
  input: string,
  weight: TensorEntry,
  bias: TensorEntry | undefined,
): string {
  const [rows = 0, columns = 0] = weight.shape;
  const product = bias ? `${name}/product` : name;
  g.node(product, 'MatMulNBits', [input, ...g.int4(weight)], {
    ...MICROSOFT,
    attributes: {
      K: BigInt(columns),
      N: BigInt(rows),
      bits: 4n,
      block_size: BigInt(BLOCK_SIZE),
      accuracy_level: ACCURACY_LEVEL,
    },
  });
  return bias ? g.node(name, 'Add', [product, g.weight(bias)]) : name;
}

/** 0: products in float32. 4 would round the activations to 8 bits for the sake of speed. */
const ACCURACY_LEVEL = 0n;

/** Rows of a piece come in multiples of this, so that a product has whole vectors of columns. */
const ROWS_ALIGNED = 64;

/** Rows of a matrix as a matrix of its own. */
interface Piece {
  readonly matrix: TensorEntry;
  readonly from: number;
  readonly to: number;
}

/**
 * A matrix with a row for every token: whole, or cut between its rows where it is larger than `most`, bytes in float32.
 * @param use what it is there for, where it is not to be shared with others
 */
function piecesOf(matrix: TensorEntry, most: number, use = ''): Piece[] {
  const [rows = 0, columns = 0] = matrix.shape;
  const count = Math.ceil((rows * columns * 4) / most);
  if (count <= 1) return [{ matrix, from: 0, to: rows }];
  const step = Math.ceil(rows / count / ROWS_ALIGNED) * ROWS_ALIGNED;
  const rowBytes = matrix.length / rows;
  return Array.from({ length: Math.ceil(rows / step) }, (_, index) => {
    const from = index * step;
    const to = Math.min(rows, from + step);
    return {
      matrix: {
        ...matrix,
        name: `${matrix.name}[${from}:${to}]${use}`,
        shape: [to - from, columns],
        offset: matrix.offset + from * rowBytes,
        length: (to - from) * rowBytes,
      },
      from,
      to,
    };
  });
}

/** Logits of hidden states, [tokens, vocab]: one linear map, or several side by side. */
export function addHeadProduct(
  g: GraphBuilder,
  name: string,
  input: string,
  weight: TensorEntry,
): string {
  // Rows of float16 that are looked up are the head itself, if they are tied.
  const { linear, productBytes } = g.forms;
  const pieces = piecesOf(weight, productBytes, linear === 'float16' ? '' : '/head');
  const product = (part: string, { matrix }: Piece) =>
    addLinear(g, part, input, { weight: matrix, bias: undefined });
  const [only] = pieces;
  if (only && pieces.length === 1) return product(name, only);
  const parts = pieces.map((piece) => {
    g.cut();
    return product(`${name}/${piece.from}`, piece);
  });
  return g.node(name, 'Concat', parts, { attributes: { axis: 1n } });
}

/** Rows of the embedding, float32 [lanes · sequence, hidden], for int64 ids [lanes, sequence]. */
export function addEmbedding(g: GraphBuilder, weight: TensorEntry, inputIds: string): string {
  const name = 'embedding';
  const ids = g.node('token_ids', 'Reshape', [inputIds, g.constant('flat', [-1])]);
  const pieces = piecesOf(weight, g.forms.lookupBytes);
  const [only] = pieces;
  if (only && pieces.length === 1) return addLookup(g, name, only.matrix, ids);
  const column = g.node('token_id_column', 'Reshape', [inputIds, g.constant('column', [-1, 1])]);
  /** Every piece looks every token up, at its nearest row; of these the token's own piece counts. */
  const looked = pieces.map(({ matrix, from, to }) => {
    const part = `${name}/${from}`;
    const row = (index: number) => g.constant(`row_${index}`, index);
    const local = g.node(`${part}/ids`, 'Sub', [
      g.node(`${part}/nearest`, 'Clip', [ids, row(from), row(to - 1)]),
      row(from),
    ]);
    return addLookup(g, `${part}/looked_up`, matrix, local);
  });
  return looked.reduceRight((later, here, index) => {
    const { from = 0, to = 0 } = pieces[index] ?? {};
    const before = g.node(`${name}/before_${to}`, 'Less', [column, g.constant(`row_${to}`, to)]);
    return g.node(from === 0 ? name : `${name}/from_${from}`, 'Where', [before, here, later]);
  });
}

/** Rows of a matrix in float32. */
function addLookup(g: GraphBuilder, name: string, matrix: TensorEntry, rows: string): string {
  const form = g.forms.rows === 'stored' ? storedForm(matrix) : g.forms.rows;
  switch (form) {
    case 'float32':
      return g.node(name, 'Gather', [g.weight(matrix), rows]);
    case 'float16':
      return g.toFloat(name, g.node(`${name}/stored`, 'Gather', [g.halves(matrix), rows]));
    case 'bfloat16':
      return g.toFloat(name, g.node(`${name}/stored`, 'Gather', [g.bfloats(matrix), rows]));
  }
}
