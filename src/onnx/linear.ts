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

/** Rows of a matrix as one of their own. They lie together. */
function rowsOf(matrix: TensorEntry, from: number, to: number): TensorEntry {
  const [rows = 0, columns = 0] = matrix.shape;
  const rowBytes = matrix.length / rows;
  return {
    ...matrix,
    name: `${matrix.name}[${from}:${to}]`,
    shape: [to - from, columns],
    offset: matrix.offset + from * rowBytes,
    length: (to - from) * rowBytes,
  };
}

/** Logits of hidden states, [tokens, vocab]: one linear map, or, where that would be too large at once, several side by side. */
export function addHeadProduct(
  g: GraphBuilder,
  name: string,
  input: string,
  weight: TensorEntry,
  embedding: TensorEntry,
): string {
  const [rows = 0, columns = 0] = weight.shape;
  const pieces = Math.ceil((rows * columns * 4) / g.forms.headPieceBytes);
  if (pieces <= 1) return addLinear(g, name, input, { weight, bias: undefined });
  const step = Math.ceil(rows / pieces / ROWS_ALIGNED) * ROWS_ALIGNED;
  // The rows that are looked up are the head itself then: a piece of its own would be there twice.
  const shared = g.forms.linear === 'float16' && weight.name === embedding.name;
  const parts: string[] = [];
  for (let from = 0; from < rows; from += step) {
    const to = Math.min(rows, from + step);
    const part = `${name}/${from}`;
    parts.push(
      shared
        ? addGemm(g, part, input, g.widenedRows(`${part}/rows`, weight, from, to))
        : addLinear(g, part, input, { weight: rowsOf(weight, from, to), bias: undefined }),
    );
  }
  return g.node(name, 'Concat', parts, { attributes: { axis: 1n } });
}

/** Rows of the embedding, float32 [lanes · sequence, hidden], for int64 ids [lanes, sequence]. */
export function addEmbedding(g: GraphBuilder, weight: TensorEntry, inputIds: string): string {
  const name = 'embedding';
  const { rows } = g.forms;
  const form = rows === 'stored' ? storedForm(weight) : rows;
  const table =
    form === 'float32'
      ? g.weight(weight)
      : form === 'float16'
        ? g.halves(weight)
        : g.bfloats(weight);
  const ids = g.node('token_ids', 'Reshape', [inputIds, g.constant('flat', [-1])]);
  if (form === 'float32') return g.node(name, 'Gather', [table, ids]);
  return g.toFloat(name, g.node(`${name}/rows`, 'Gather', [table, ids]));
}
