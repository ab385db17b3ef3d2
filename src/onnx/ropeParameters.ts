import * as v from 'valibot';
import { Failure } from '../core/errors';
import type { RopeConfig } from '../core/rope';
import { readRopeScaling } from './readRopeScaling';
import { type RopeFields, RopeFieldsSchema, RopeParametersSchema } from './ropeSchema';

/** θ where neither config.json nor the family says one: RoFormer's. */
const USUAL_THETA = 10_000;

const LAYERS = ['full_attention', 'sliding_attention'] as const;

/** Kinds of layers by the names of config.json's layer_types. */
export type RopeLayer = (typeof LAYERS)[number];

/** What a config's reader knows before it reads the rotation. */
export interface RopeHead {
  readonly headDim: number;
  readonly maxPositionEmbeddings: number;
  /** The family's θ, where config.json is silent. */
  readonly defaultTheta?: number;
  /** The family's part of the head that turns, where config.json is silent: all of it, unless given. */
  readonly defaultPartialRotaryFactor?: number;
  /**
   * Whose rotation is read, in families with one for each kind of layer. That of sliding layers is never scaled by
   * rope_scaling, which is for the others alone, and has rope_local_base_freq for θ.
   */
  readonly layer?: RopeLayer;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * The rotation that a config.json describes, whichever version of transformers wrote it: rope_theta and rope_scaling on the top
 * level (4), or rope_parameters (5), for all layers or by kind of layer. Inner fields win over those on the top level.
 *
 * @throws Failure config-invalid, config-unsupported, each naming the field
 */
export function readRope(json: Record<string, unknown>, head: RopeHead): RopeConfig {
  const fields = parsed(RopeFieldsSchema, json, '');
  const { name, given } = parametersOf(json, head.layer);
  const parameters = parsed(RopeParametersSchema, given, `${name}.`);
  const { headDim } = head;
  const ropeTheta = parameters.rope_theta ?? outerTheta(fields, head);
  const partialRotaryFactor =
    parameters.partial_rotary_factor ??
    fields.partial_rotary_factor ??
    fields.rotary_pct ??
    head.defaultPartialRotaryFactor ??
    1;
  const type = typeOf(given, name);
  // Proportional rotation spreads its few turning pairs over the whole head.
  const rotaryDim = type === 'proportional' ? headDim : Math.trunc(headDim * partialRotaryFactor);
  if (rotaryDim < 2 || rotaryDim % 2 !== 0) {
    throw new Failure(
      'config-unsupported',
      `config.json: partial_rotary_factor ${partialRotaryFactor} turns ${rotaryDim} of ${headDim} components, which do not pair`,
    );
  }
  const ropeScaling = readRopeScaling(type, parameters, {
    name,
    rotaryDim,
    ropeTheta,
    partialRotaryFactor,
    maxPositionEmbeddings: head.maxPositionEmbeddings,
    // Phi-3 writes it on the top level, where transformers lets it win.
    outerOriginal: head.layer ? undefined : fields.original_max_position_embeddings,
  });
  return {
    headDim,
    ropeTheta,
    ...(rotaryDim !== headDim && { rotaryDim }),
    ...(ropeScaling.type !== 'default' && { ropeScaling }),
  };
}

/** The object that describes the rotation of one kind of layer, and its name for errors. */
function parametersOf(
  json: Record<string, unknown>,
  layer: RopeLayer | undefined,
): { readonly name: string; readonly given: Record<string, unknown> } {
  const scaling = objectAt(json, 'rope_scaling');
  const parameters = objectAt(json, 'rope_parameters') ?? {};
  const nested = LAYERS.some((key) => isObject(parameters[key]));
  if (nested) {
    const key = layer ?? 'full_attention';
    if (parameters[key] === null) {
      throw new Failure(
        'config-unsupported',
        `config.json: rope_parameters.${key} is null: no rotation`,
      );
    }
    const inner = objectAt(parameters, key, 'rope_parameters.') ?? {};
    const given = key === 'full_attention' ? { ...inner, ...scaling } : inner;
    return { name: `rope_parameters.${key}`, given };
  }
  if (layer === 'sliding_attention') return { name: 'rope_parameters', given: {} };
  const scaled = scaling !== undefined && Object.keys(scaling).length > 0;
  return scaled
    ? { name: 'rope_scaling', given: scaling }
    : { name: 'rope_parameters', given: parameters };
}

function objectAt(json: Record<string, unknown>, key: string, outer = '') {
  const value = json[key];
  if (value === undefined || value === null) return undefined;
  if (isObject(value)) return value;
  throw new Failure('config-invalid', `config.json: ${outer}${key} is not an object`);
}

function typeOf(given: Record<string, unknown>, name: string): string {
  const type = given.rope_type ?? given.type ?? 'default';
  if (typeof type !== 'string') {
    throw new Failure('config-invalid', `config.json: ${name}.rope_type is not a string`);
  }
  return type;
}

/** θ, where the layer's own parameters do not say it. */
function outerTheta(fields: RopeFields, { layer, defaultTheta }: RopeHead): number {
  const everyLayers = fields.rope_theta ?? fields.rotary_emb_base;
  return (
    (layer === 'sliding_attention'
      ? (fields.rope_local_base_freq ?? defaultTheta ?? everyLayers)
      : (everyLayers ?? defaultTheta)) ?? USUAL_THETA
  );
}

function parsed<Schema extends v.GenericSchema>(
  schema: Schema,
  value: unknown,
  outer: string,
): v.InferOutput<Schema> {
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw new Failure(
    'config-invalid',
    `config.json: ${outer}${v.getDotPath(issue) ?? 'value'}: ${issue.message.slice(0, 200)}`,
  );
}
