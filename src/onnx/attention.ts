import type { DecoderConfig } from '../core/decoderConfig';
import { type GraphBuilder, MICROSOFT } from './graph';
import { addSoftcap } from './scale';

/** The most negative float32: what softmax turns into 0, without the NaN that −∞ can become. */
const LOWEST_FLOAT = -3.4028234663852886e38;

/** [lanes, sequence, heads · headDim] each, queries and keys rotated. */
export interface AttentionInputs {
  readonly query: string;
  readonly key: string;
  readonly value: string;
}

/** Names of one layer's keys and values, past and present: [lanes, kvHeads, tokens, headDim]. */
interface CacheValues {
  readonly pastKey: string;
  readonly pastValue: string;
  readonly presentKey: string;
  readonly presentValue: string;
}

/** What the fused node needs of the present step: int32 [lanes] index of each lane's last token; int32 past and present tokens. */
interface StepLength {
  readonly lastIndex: string;
  readonly totalLength: string;
}

/** One node, whose output `name` is [lanes, sequence, heads · headDim]. */
export function addFusedAttention(
  g: GraphBuilder,
  name: string,
  { query, key, value }: AttentionInputs,
  { pastKey, pastValue, presentKey, presentValue }: CacheValues,
  step: StepLength,
  { numAttentionHeads, numKeyValueHeads, headDim, attentionScale }: DecoderConfig,
  /** Tokens that a query looks at, its own among them; null: all. */
  window: number | null,
): void {
  const inputs = [query, key, value, pastKey, pastValue, step.lastIndex, step.totalLength];
  g.nodes(name, 'GroupQueryAttention', inputs, [name, presentKey, presentValue], {
    ...MICROSOFT,
    attributes: {
      num_heads: BigInt(numAttentionHeads),
      kv_num_heads: BigInt(numKeyValueHeads),
      ...(attentionScale !== 1 / Math.sqrt(headDim) && { scale: attentionScale }),
      ...(window !== null && { local_window_size: BigInt(window) }),
    },
  });
}

/**
 * softmax(attentionScale · q kᵀ + mask) v (Vaswani et al. 2017, equation 1), operator by operator, with the heads that share
 * keys and values along an axis of their own. The same outputs as the fused node's.
 */
export function addEagerAttention(
  g: GraphBuilder,
  name: string,
  { query, key, value }: AttentionInputs,
  { pastKey, pastValue, presentKey, presentValue }: CacheValues,
  mask: string,
  { numAttentionHeads, numKeyValueHeads, headDim, attentionScale, attentionSoftcap }: DecoderConfig,
): void {
  const group = numAttentionHeads / numKeyValueHeads;
  const transposed = (output: string, input: string, perm: readonly bigint[]) =>
    g.node(output, 'Transpose', [input], { attributes: { perm: [...perm] } });
  const present = (output: string, past: string, fresh: string, letter: string) => {
    const byHead = g.node(`${name}/${letter}_heads_apart`, 'Reshape', [
      fresh,
      g.constant('kv_heads_apart', [0, -1, numKeyValueHeads, headDim]),
    ]);
    const ordered = transposed(`${name}/${letter}_by_kv_head`, byHead, [0n, 2n, 1n, 3n]);
    g.node(output, 'Concat', [past, ordered], { attributes: { axis: 2n } });
    return g.node(`${name}/${letter}_shared`, 'Unsqueeze', [output, g.constant('two', [2])]);
  };
  const keys = present(presentKey, pastKey, key, 'key');
  const values = present(presentValue, pastValue, value, 'value');
  const groups = g.node(`${name}/q_heads_apart`, 'Reshape', [
    query,
    g.constant('heads_apart', [0, -1, numKeyValueHeads, group, headDim]),
  ]);
  const queries = transposed(`${name}/q_by_kv_head`, groups, [0n, 2n, 3n, 1n, 4n]);
  const products = g.node(`${name}/products`, 'MatMul', [
    queries,
    transposed(`${name}/key_columns`, keys, [0n, 1n, 2n, 4n, 3n]),
  ]);
  const scale = g.floatConstant('attention_scale', attentionScale);
  const scores = g.node(`${name}/scores`, 'Mul', [products, scale]);
  const capped =
    attentionSoftcap === null ? scores : addSoftcap(g, `${name}/capped`, scores, attentionSoftcap);
  const masked = g.node(`${name}/masked`, 'Add', [capped, mask]);
  const weights = g.node(`${name}/weights`, 'Softmax', [masked], { attributes: { axis: -1n } });
  const mixed = g.node(`${name}/mixed`, 'MatMul', [weights, values]);
  const byToken = transposed(`${name}/by_token`, mixed, [0n, 3n, 1n, 2n, 4n]);
  g.node(name, 'Reshape', [
    byToken,
    g.constant('tokens_merged', [0, 0, numAttentionHeads * headDim]),
  ]);
}

/** [sequence, total]: token past + i looks at tokens 0 … past + i. */
export function addCausalMask(g: GraphBuilder, past: string, total: string): string {
  const scalar = (output: string, value: string) => g.node(output, 'Squeeze', [value]);
  const end = scalar('total_scalar', total);
  const one = g.constant('one_scalar', 1);
  const from = scalar('past_scalar', past);
  const keys = g.node('key_positions', 'Range', [g.constant('zero_scalar', 0), end, one]);
  const queries = g.node('query_positions', 'Unsqueeze', [
    g.node('query_positions_flat', 'Range', [from, end, one]),
    g.constant('one', [1]),
  ]);
  const later = g.node('is_later', 'Greater', [keys, queries]);
  const hidden = g.floatConstant('mask_lowest', LOWEST_FLOAT);
  return g.node('causal_mask', 'Where', [later, hidden, g.floatConstant('mask_zero', 0)]);
}

/** The causal mask, and hidden too what is `window` tokens or more behind the query. */
export function addSlidingMask(g: GraphBuilder, causal: string, window: number): string {
  const distance = g.node('key_distance', 'Sub', ['query_positions', 'key_positions']);
  const gone = g.node('is_gone', 'GreaterOrEqual', [distance, g.constant('window', window)]);
  const hidden = g.floatConstant('mask_lowest', LOWEST_FLOAT);
  return g.node('sliding_mask', 'Where', [gone, hidden, causal]);
}
