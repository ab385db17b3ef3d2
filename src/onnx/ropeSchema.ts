import * as v from 'valibot';

const between = (least: number, most: number) =>
  v.pipe(v.number(), v.minValue(least), v.maxValue(most));

const theta = v.nullish(between(1, 1e12));
const partialRotaryFactor = v.nullish(between(0, 1));
/** At least 2: its logarithm is divided by. */
const positions = v.nullish(v.pipe(between(2, 2 ** 24), v.integer()));
/** At most one per pair of the widest head that is read. */
const perPair = v.nullish(v.pipe(v.array(between(1e-3, 1e6)), v.minLength(1), v.maxLength(512)));

/** The top level of config.json, as far as it speaks of rotation. */
export const RopeFieldsSchema = v.object({
  rope_theta: theta,
  /** θ of the sliding layers (Gemma 3). */
  rope_local_base_freq: theta,
  /** GPT-NeoX's names of rope_theta and partial_rotary_factor. */
  rotary_emb_base: theta,
  rotary_pct: partialRotaryFactor,
  partial_rotary_factor: partialRotaryFactor,
  original_max_position_embeddings: positions,
});

/** rope_scaling, or rope_parameters of one kind of layer: the fields of every type, with bounds. */
export const RopeParametersSchema = v.object({
  rope_theta: theta,
  partial_rotary_factor: partialRotaryFactor,
  factor: v.nullish(between(1, 2 ** 16)),
  original_max_position_embeddings: positions,
  attention_factor: v.nullish(between(1e-3, 1e3)),
  mscale: v.nullish(between(0, 1e3)),
  mscale_all_dim: v.nullish(between(0, 1e3)),
  beta_fast: v.nullish(between(0, 1e6)),
  beta_slow: v.nullish(between(0, 1e6)),
  truncate: v.nullish(v.boolean()),
  short_factor: perPair,
  long_factor: perPair,
  low_freq_factor: v.nullish(between(1e-3, 1e6)),
  high_freq_factor: v.nullish(between(1e-3, 1e6)),
});

export type RopeFields = v.InferOutput<typeof RopeFieldsSchema>;
export type RopeParameters = v.InferOutput<typeof RopeParametersSchema>;
