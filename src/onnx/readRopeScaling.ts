import { Failure } from '../core/errors';
import { longropeAttentionFactor } from '../core/longrope';
import type { RopeScaling } from '../core/rope';
import { yarnAttentionFactor } from '../core/yarn';
import type { RopeParameters } from './ropeSchema';

/** What the scaling's reading depends on, besides its own fields. */
export interface ScalingContext {
  /** Of the object that is read, for errors. */
  readonly name: string;
  readonly rotaryDim: number;
  readonly ropeTheta: number;
  readonly partialRotaryFactor: number;
  readonly maxPositionEmbeddings: number;
  /** original_max_position_embeddings of the top level. */
  readonly outerOriginal: number | null | undefined;
}

type Read = (parameters: RopeParameters, context: ScalingContext) => RopeScaling;

const invalid = (message: string) => new Failure('config-invalid', `config.json: ${message}`);

/** @throws Failure config-invalid if the field is not there */
function required(
  parameters: RopeParameters,
  field: 'factor' | 'low_freq_factor' | 'high_freq_factor',
  { name }: ScalingContext,
): number {
  const value = parameters[field];
  if (typeof value !== 'number') throw invalid(`${name}.${field} is missing`);
  return value;
}

/** Positions that the model was trained with, before its context was extended. */
function original(parameters: RopeParameters, context: ScalingContext): number {
  const length =
    context.outerOriginal ??
    parameters.original_max_position_embeddings ??
    context.maxPositionEmbeddings;
  if (length >= 2) return length;
  throw invalid(`original_max_position_embeddings ${length} is too short to scale from`);
}

/** How many times longer the context has become, where the config does not say so. */
const extension = (parameters: RopeParameters, context: ScalingContext) =>
  parameters.factor ?? context.maxPositionEmbeddings / original(parameters, context);

const dynamic: Read = (parameters, context) => {
  if (context.rotaryDim === 2) throw invalid(`${context.name}.rope_type "dynamic" needs two pairs`);
  return {
    type: 'dynamic',
    factor: required(parameters, 'factor', context),
    originalMaxPositions: context.maxPositionEmbeddings,
  };
};

/** An end of YaRN's ramp, in turns over the original length; 0 stands for the usual value, as null does. */
const rotations = (given: number | null | undefined, usual: number) =>
  given === undefined || given === null || given === 0 ? usual : given;

const yarn: Read = (parameters, context) => {
  if (context.ropeTheta <= 1) {
    throw invalid(`rope_theta ${context.ropeTheta} is too small for ${context.name}'s "yarn"`);
  }
  const factor = extension(parameters, context);
  const { attention_factor, mscale, mscale_all_dim } = parameters;
  return {
    type: 'yarn',
    factor,
    originalMaxPositions: original(parameters, context),
    betaFast: rotations(parameters.beta_fast, 32),
    betaSlow: rotations(parameters.beta_slow, 1),
    attentionFactor: attention_factor ?? yarnAttentionFactor(factor, mscale, mscale_all_dim),
    truncate: parameters.truncate ?? true,
  };
};

const longrope: Read = (parameters, context) => {
  const originalMaxPositions = original(parameters, context);
  const factor = extension(parameters, context);
  return {
    type: 'longrope',
    shortFactor: perPair(parameters, 'short_factor', context),
    longFactor: perPair(parameters, 'long_factor', context),
    originalMaxPositions,
    attentionFactor:
      parameters.attention_factor ?? longropeAttentionFactor(factor, originalMaxPositions),
  };
};

function perPair(
  parameters: RopeParameters,
  field: 'short_factor' | 'long_factor',
  { name, rotaryDim }: ScalingContext,
): readonly number[] {
  const factors = parameters[field];
  if (!factors) throw invalid(`${name}.${field} is missing`);
  if (factors.length === rotaryDim / 2) return factors;
  throw invalid(`${name}.${field} has ${factors.length} factors for ${rotaryDim / 2} pairs`);
}

const llama3: Read = (parameters, context) => {
  const lowFreqFactor = required(parameters, 'low_freq_factor', context);
  const highFreqFactor = required(parameters, 'high_freq_factor', context);
  if (highFreqFactor <= lowFreqFactor) {
    throw invalid(`${context.name}.high_freq_factor is not greater than low_freq_factor`);
  }
  return {
    type: 'llama3',
    factor: required(parameters, 'factor', context),
    lowFreqFactor,
    highFreqFactor,
    originalMaxPositions: original(parameters, context),
  };
};

const READ: Readonly<Record<RopeScaling['type'], Read>> = {
  default: () => ({ type: 'default' }),
  linear: (parameters, context) => ({
    type: 'linear',
    factor: required(parameters, 'factor', context),
  }),
  dynamic,
  yarn,
  longrope,
  llama3,
  proportional: ({ factor }, { partialRotaryFactor }) => ({
    type: 'proportional',
    factor: factor ?? 1,
    partialRotaryFactor,
  }),
};

/** The names that older Phi-3 configs use for longrope; none of them is YaRN's, which has no factors by pair. */
function typeNamed(type: string, parameters: RopeParameters): string {
  const byPair = parameters.short_factor && parameters.long_factor;
  return byPair && (type === 'su' || type === 'yarn') ? 'longrope' : type;
}

const isKnown = (type: string): type is RopeScaling['type'] => Object.hasOwn(READ, type);

/**
 * The departure from RoFormer's frequencies that config.json describes, with the defaults of transformers' modeling_rope_utils.
 * @throws Failure config-invalid, config-unsupported
 */
export function readRopeScaling(
  type: string,
  parameters: RopeParameters,
  context: ScalingContext,
): RopeScaling {
  const known = typeNamed(type, parameters);
  if (isKnown(known)) return READ[known](parameters, context);
  throw new Failure(
    'config-unsupported',
    `config.json: rope type ${JSON.stringify(type.slice(0, 80))}; supported are ${Object.keys(READ).join(', ')}`,
  );
}
