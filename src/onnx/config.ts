import * as v from 'valibot';
import { type Activation, type DecoderConfig, LLAMA_TRAITS } from '../core/decoderConfig';
import { Failure } from '../core/errors';
import type { RopeConfig } from '../core/rope';
import { FAMILIES } from './families';
import type { Family } from './families/family';
import { HuggingFaceConfigSchema } from './huggingFaceConfig';
import { readRope, type RopeHead, type RopeLayer } from './ropeParameters';
import { unknownFamily } from './unknownFamily';

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
  if (!family) throw unknownFamily(json);
  refuseOtherArchitectures(json);
  const parsed = v.safeParse(HuggingFaceConfigSchema, json);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    throw invalid(`${v.getDotPath(issue) ?? 'value'}: ${issue.message.slice(0, 200)}`);
  }
  const config = parsed.output;
  const activation = activationNamed(family.activation?.(config) ?? config.hidden_act ?? 'silu');
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
  const maxPositionEmbeddings = config.max_position_embeddings;
  const head = { headDim, maxPositionEmbeddings };
  const layerTypes = config.layer_types;
  if (layerTypes && layerTypes.length !== config.num_hidden_layers) {
    throw invalid(
      `layer_types has ${layerTypes.length} entries; num_hidden_layers is ${config.num_hidden_layers}`,
    );
  }
  const layerAttention = Array.from({ length: config.num_hidden_layers }, () => 'full' as const);
  const traits = { layerAttention, ...family.traits(config) };
  const slides = traits.layerAttention.includes('sliding');
  return {
    ...LLAMA_TRAITS,
    modelType: family.modelType,
    vocabSize: config.vocab_size,
    hiddenSize: config.hidden_size,
    intermediateSize: config.intermediate_size,
    numHiddenLayers: config.num_hidden_layers,
    numAttentionHeads: config.num_attention_heads,
    numKeyValueHeads,
    ...readRotations(json, head, family, slides),
    maxPositionEmbeddings,
    normEps: config.rms_norm_eps ?? 1e-6,
    activation,
    attentionScale: 1 / Math.sqrt(headDim),
    eosTokenIds: [config.eos_token_id ?? []].flat(),
    ...traits,
  };
}

/** The rotation of all layers, or that of the full ones and, where some slide, that of the sliding ones. */
function readRotations(
  json: Record<string, unknown>,
  head: RopeHead,
  { rope, ropeByLayer }: Family,
  slides: boolean,
): RopeConfig & Pick<DecoderConfig, 'localRope'> {
  if (!ropeByLayer) return { ...readRope(json, { ...head, ...rope }), localRope: null };
  const of = (layer: RopeLayer) => readRope(json, { ...head, ...ropeByLayer[layer], layer });
  return { ...of('full_attention'), localRope: slides ? of('sliding_attention') : null };
}

/** By transformers' names; several of them are the same function. */
const ACTIVATIONS: ReadonlyMap<string, Activation> = new Map([
  ['silu', 'silu'],
  ['swish', 'silu'],
  ['gelu', 'gelu'],
  ['gelu_pytorch_tanh', 'gelu-tanh'],
  ['gelu_new', 'gelu-tanh'],
  ['gelu_fast', 'gelu-tanh'],
]);

function activationNamed(name: string): Activation {
  const activation = ACTIVATIONS.get(name);
  if (activation) return activation;
  const known = [...ACTIVATIONS.keys()].join(', ');
  throw unsupported(
    `the activation is ${JSON.stringify(name.slice(0, 80))}; supported are ${known}`,
  );
}

/** What no family's graph has, in whichever family it is found. */
function refuseOtherArchitectures(json: Record<string, unknown>): void {
  if (json.quantization_config !== undefined && json.quantization_config !== null) {
    throw unsupported('quantization_config: quantized weights are not read; use the float weights');
  }
  if (json.use_bidirectional_attention === true) {
    throw unsupported('use_bidirectional_attention: only causal attention is supported');
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
