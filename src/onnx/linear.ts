import type { GraphBuilder } from './graph';
import type { TensorEntry } from './safetensors';
import type { LinearWeights } from './weights';

/** y = x Wᵀ + b, with W [out, in] as the checkpoint stores it. */
export function addLinear(
  g: GraphBuilder,
  name: string,
  input: string,
  { weight, bias }: LinearWeights,
): string {
  const inputs = [input, g.weight(weight), ...(bias ? [g.weight(bias)] : [])];
  return g.node(name, 'Gemm', inputs, { attributes: { transB: 1n } });
}

/** The rows [tokens, hidden] of a table [vocab, hidden] for input_ids of any shape. */
export function addEmbedding(
  g: GraphBuilder,
  name: string,
  inputIds: string,
  table: TensorEntry,
): string {
  return g.node(name, 'Gather', [
    g.weight(table),
    g.node('token_ids', 'Reshape', [inputIds, g.constant('flat', [-1])]),
  ]);
}
