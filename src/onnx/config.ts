import * as v from 'valibot';
import { type DecoderConfig, LLAMA_TRAITS } from '../core/decoderConfig';
import { Failure } from '../core/errors';
import { FAMILIES } from './families';
import { HuggingFaceConfigSchema } from './huggingFaceConfig';
import { readRope } from './ropeParameters';

const invalid = (message: string) => new Failure('config-invalid', `config.json: ${message}`);
const unsupported = (message: string) =>
  new Failure('config-unsupported', `config.json: ${message}`);

/**
 * Reads a Hugging Face config.json.
 * @throws Failure config-invalid, config-unsupported
 */
export function parseConfig(text: string): DecoderConfig {
  const json = parseJson(text);
  const family = FAMILIES.find(({ modelType }) => modelType === json.model_type);
  if (!family) {
    const known = FAMILIES.map(({ modelType }) => modelType).join(', ');
    const given = JSON.stringify(json.model_type ?? null).slice(0, 80);
    throw unsupported(`model_type is ${given}; supported are ${known}`);
  }
  refuseOtherArchitectures(json);
  const parsed = v.safeParse(HuggingFaceConfigSchema, json);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    throw invalid(`${v.getDotPath(issue) ?? 'value'}: ${issue.message.slice(0, 200)}`);
  }
  const config = parsed.output;
  if (config.hidden_act !== 'silu') {
    throw unsupported(`hidden_act "${config.hidden_act}"; supported is silu`);
  }
  const numKeyValueHeads = config.num_key_value_heads ?? config.num_attention_heads;
  if (config.num_attention_heads % numKeyValueHeads !== 0) {
    throw invalid(
      `num_attention_heads ${config.num_attention_heads} is not a multiple of num_key_value_heads ${numKeyValueHeads}`,
    );
  }
  const headDim =
    config.head_dim ?? family.headDim ?? config.hidden_size / config.num_attention_heads;
  if (!Number.isInteger(headDim) || headDim % 2 !== 0) {
    throw invalid(`head_dim ${headDim} is not an even integer, so its components do not pair`);
  }
  const rope = readRope(json, {
    headDim,
    maxPositionEmbeddings: config.max_position_embeddings,
  });
  if (rope.rotaryDim !== undefined && rope.rotaryDim !== headDim) {
    throw unsupported(
      `only ${rope.rotaryDim} of head_dim ${headDim} components turn; no supported family has that`,
    );
  }
  const layerTypes = config.layer_types;
  if (layerTypes && layerTypes.length !== config.num_hidden_layers) {
    throw invalid(
      `layer_types has ${layerTypes.length} entries; num_hidden_layers is ${config.num_hidden_layers}`,
    );
  }
  return {
    ...LLAMA_TRAITS,
    modelType: family.modelType,
    vocabSize: config.vocab_size,
    hiddenSize: config.hidden_size,
    intermediateSize: config.intermediate_size,
    numHiddenLayers: config.num_hidden_layers,
    numAttentionHeads: config.num_attention_heads,
    numKeyValueHeads,
    ...rope,
    maxPositionEmbeddings: config.max_position_embeddings,
    normEps: config.rms_norm_eps,
    attentionScale: 1 / Math.sqrt(headDim),
    layerAttention: Array.from({ length: config.num_hidden_layers }, () => 'full' as const),
    eosTokenIds: [config.eos_token_id ?? []].flat(),
    ...family.traits(config),
  };
}

/** What no family's graph has, in whichever family it is found. */
function refuseOtherArchitectures(json: Record<string, unknown>): void {
  if (json.quantization_config !== undefined && json.quantization_config !== null) {
    throw unsupported('quantization_config: quantized weights are not read; use the float weights');
  }
  if (json.is_encoder_decoder === true) {
    throw unsupported('is_encoder_decoder: only decoders are supported');
  }
}

function parseJson(text: string): Record<string, unknown> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new Failure('config-invalid', 'config.json is not JSON', { cause });
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw invalid('it is not an object');
  }
  return json as Record<string, unknown>;
}
