import type { GraphBuilder } from './graph';
import { MICROSOFT } from './graph';
import { BLOCK_SIZE } from './quantization';
import type { TensorEntry } from './safetensors';
import type { LinearWeights } from './weights';

/** y = x Wᵀ + b of rows x, with W [out, in] as the checkpoint stores it, or as it is packed. */
export function addLinear(
  g: GraphBuilder,
  name: string,
  input: string,
  { weight, bias }: LinearWeights,
): string {
  if (g.forms.linear === 'int4') return addInt4Linear(g, name, input, weight, bias);
  const matrix = g.floats(weight, g.forms.linear);
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

/** Rows of the embedding, float32 [lanes · sequence, hidden], for int64 ids [lanes, sequence]. */
export function addEmbedding(g: GraphBuilder, weight: TensorEntry, inputIds: string): string {
  const name = 'embedding';
  const half = g.forms.rows === 'float16';
  const table = half ? g.halves(weight) : g.weight(weight);
  const ids = g.node('token_ids', 'Reshape', [inputIds, g.constant('flat', [-1])]);
  if (!half) return g.node(name, 'Gather', [table, ids]);
  return g.toFloat(name, g.node(`${name}/rows`, 'Gather', [table, ids]));
}
