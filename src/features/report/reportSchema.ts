import * as v from 'valibot';

/** `rope-collapse-report`, version 1: training/README.md says what each field is. Unknown fields are refused there too. */
export const SCHEMA = 'rope-collapse-report';
export const VERSION = 1;

const MOST_ENTRIES = 512;
const integer = (least: number, most: number) =>
  v.pipe(v.number(), v.integer(), v.minValue(least), v.maxValue(most));
const text = (longest: number) => v.pipe(v.string(), v.maxLength(longest));
const list = <const T extends v.GenericSchema>(of: T, most: number) =>
  v.pipe(v.array(of), v.maxLength(most));
const number = v.pipe(v.number(), v.finite());
/** NaN and infinities are null. */
const measured = v.nullable(number);
const sha256 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));
const entryCount = integer(0, MOST_ENTRIES);
const bits = list(v.pipe(v.string(), v.regex(/^[0-9a-f]{8}$/)), MOST_ENTRIES);

export const REMEDIES = ['none', 'patch5', 'refill', 'init_weights'] as const;
export const STATES = ['healthy', 'near', 'zeros', 'tiny', 'garbage', 'not_finite'] as const;
const state = v.picklist(STATES);
const remedy = v.picklist(REMEDIES);

const Contents = v.pipe(
  v.strictObject({
    state,
    bits,
    values: list(measured, MOST_ENTRIES),
    zeros: entryCount,
    equal_to_formula: entryCount,
    not_finite: entryCount,
    below_1e_6: entryCount,
    any: v.boolean(),
  }),
  v.check(
    ({ bits: { length }, values, zeros, equal_to_formula, not_finite, below_1e_6 }) =>
      length > 0 &&
      values.length === length &&
      Math.max(zeros, equal_to_formula, not_finite, below_1e_6) <= length,
    'it counts other entries than it lists',
  ),
);

const LaneDifference = v.strictObject({
  first_difference: v.nullable(integer(0, 64)),
  max_logit_difference: measured,
});

const Decoding = v.strictObject({
  prompt: text(2000),
  prompt_ids_as_golden: v.nullable(v.boolean()),
  ids: list(integer(0, 0xffffffff), 24),
  length: integer(1, 64),
  text: text(4000),
  top_ids: list(integer(0, 0xffffffff), 5),
  top_logits: list(measured, 5),
  not_finite_steps: integer(0, 64),
  healthy: v.nullable(LaneDifference),
  zero: v.nullable(LaneDifference),
});

const Load = v.strictObject({
  remedy,
  number: integer(1, 8),
  attention: text(40),
  lifecycle: v.strictObject({
    init: v.nullable(
      v.strictObject({
        device: text(40),
        reading_raises: v.nullable(text(1000)),
        printed: text(120),
      }),
    ),
    init_weights: list(v.strictObject({ device: text(40), state: v.nullable(state) }), 16),
    device_after_loading: text(40),
    same_tensor_as_in_init: v.boolean(),
  }),
  after_loading: Contents,
  forward: v.strictObject({
    guard_fired: v.boolean(),
    contents: Contents,
    cos: list(measured, 4),
    sin: list(measured, 4),
  }),
  decodings: list(Decoding, 16),
  decodes_like: v.nullable(v.picklist(['healthy', 'zero', 'neither'])),
  verdict: text(2000),
});

export const ReportSchema = v.pipe(
  v.strictObject({
    schema: v.literal(SCHEMA),
    version: v.literal(VERSION),
    created: v.pipe(v.string(), v.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)),
    options: v.strictObject({
      malloc_perturb: v.nullable(integer(1, 255)),
      deterministic: v.boolean(),
      attention: v.picklist(['library', 'eager', 'sdpa']),
      loads: integer(1, 8),
      remedies: v.pipe(list(remedy, REMEDIES.length), v.minLength(1)),
    }),
    environment: v.strictObject({
      python: text(120),
      torch: text(120),
      transformers: text(120),
      tokenizers: text(120),
      safetensors: text(120),
      system: text(120),
      libc: text(120),
      machine: text(120),
      processor: text(120),
      allocator: v.record(text(60), text(1000)),
      deterministic_algorithms: v.boolean(),
      fill_uninitialized_memory: v.boolean(),
    }),
    model: v.strictObject({
      name: text(200),
      weights_sha256: sha256,
      code_sha256: sha256,
      head_dim: integer(2, 2 * MOST_ENTRIES),
      rope_theta: number,
    }),
    golden: v.nullable(
      v.strictObject({ transformers: text(120), torch: text(120), weights_sha256: sha256 }),
    ),
    formula: v.strictObject({
      bits,
      values: list(number, MOST_ENTRIES),
      equal_to_golden: v.nullable(entryCount),
    }),
    loads: v.pipe(list(Load, 32), v.minLength(1)),
    findings: list(text(2000), 8),
  }),
  v.check(
    ({ options: { loads, remedies }, loads: made }) =>
      made.length === loads * new Set(remedies).size &&
      new Set(made.map(({ remedy, number }) => `${remedy} ${number}`)).size === made.length &&
      made.every(({ remedy, number }) => remedies.includes(remedy) && number <= loads),
    'its loads are not those that its options ask for',
  ),
);

export type Report = v.InferOutput<typeof ReportSchema>;
export type Load = Report['loads'][number];
export type Remedy = Load['remedy'];
export type BufferState = Load['after_loading']['state'];
