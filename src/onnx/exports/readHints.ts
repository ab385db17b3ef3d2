import * as v from 'valibot';
import { Failure } from '../../core/errors';

const size = (most: number) =>
  v.nullish(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(most)));
const tokenId = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(0xffffffff));

const HintsSchema = v.object({
  eos_token_id: v.nullish(v.union([tokenId, v.pipe(v.array(tokenId), v.maxLength(64))])),
  num_attention_heads: size(1024),
  max_position_embeddings: size(2 ** 24),
  num_hidden_layers: size(1024),
  num_key_value_heads: size(1024),
  hidden_size: size(2 ** 20),
  head_dim: size(2 ** 16),
  vocab_size: size(2 ** 24),
});

/** What a graph does not say of itself. */
export interface ExportHints {
  /** May be empty. */
  readonly eosTokenIds: readonly number[];
  readonly numAttentionHeads: number | undefined;
  readonly maxPositionEmbeddings: number | undefined;
  readonly numHiddenLayers: number | undefined;
  readonly numKeyValueHeads: number | undefined;
  readonly headDim: number | undefined;
  readonly vocabSize: number | undefined;
}

/**
 * Reads what an export's config.json adds to its graph. The graph counts where both speak.
 * @param text undefined if there is none
 * @throws Failure config-invalid
 */
export function readHints(text: string | undefined): ExportHints {
  const parsed = v.safeParse(HintsSchema, text === undefined ? {} : parse(text));
  if (!parsed.success) {
    const [issue] = parsed.issues;
    const where = v.getDotPath(issue) ?? 'it';
    throw new Failure('config-invalid', `config.json: ${where}: ${issue.message.slice(0, 200)}`);
  }
  const said = parsed.output;
  const heads = said.num_attention_heads ?? undefined;
  const perHead = said.hidden_size && heads ? said.hidden_size / heads : undefined;
  return {
    eosTokenIds: [said.eos_token_id ?? []].flat(),
    numAttentionHeads: heads,
    maxPositionEmbeddings: said.max_position_embeddings ?? undefined,
    numHiddenLayers: said.num_hidden_layers ?? undefined,
    numKeyValueHeads: said.num_key_value_heads ?? heads,
    headDim: said.head_dim ?? (Number.isInteger(perHead) ? perHead : undefined),
    vocabSize: said.vocab_size ?? undefined,
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Failure('config-invalid', 'config.json is not JSON', { cause });
  }
}
