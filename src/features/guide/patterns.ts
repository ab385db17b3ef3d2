import older from '../../../training/rotary_patterns/measured-4.57.6.json';
import newer from '../../../training/rotary_patterns/measured-5.18.0.json';
import assertBuffers from '../../../training/rotary_patterns/assert_buffers.py?raw';
import assertLogits from '../../../training/rotary_patterns/assert_logits.py?raw';
import initOnly from '../../../training/rotary_patterns/init_only.py?raw';
import initWeightsRefills from '../../../training/rotary_patterns/init_weights_refills.py?raw';
import noBuffer from '../../../training/rotary_patterns/no_buffer.py?raw';
import ownInitWeights from '../../../training/rotary_patterns/own_init_weights.py?raw';
import persistent from '../../../training/rotary_patterns/persistent.py?raw';
import recomputeIfZero from '../../../training/rotary_patterns/recompute_if_zero.py?raw';
import recomputeOnce from '../../../training/rotary_patterns/recompute_once.py?raw';
import superInitWeights from '../../../training/rotary_patterns/super_init_weights.py?raw';

/** What `training/patterns.py` wrote under the two libraries. The code shown is the code that it ran. */
export const MEASURED = { older, newer };

export type PatternName = keyof typeof newer.survived;

/** What fresh memory held, in the order in which it is shown. */
export const MEMORIES = [
  ['leftovers', 'as it comes'],
  ['zeros', 'exact zeros'],
  ['huge', 'about 1.5e16'],
] as const;

export interface Pattern {
  readonly name: PatternName;
  readonly title: string;
  readonly why: string;
  /** None where it is the code of the pattern before. */
  readonly code?: string;
}

export const PATTERNS: readonly Pattern[] = [
  {
    name: 'init_only',
    title: 'A non-persistent buffer that only __init__ fills',
    why: 'In 5.x __init__ runs on the meta device. The buffer is in no checkpoint, and nothing fills the memory that it gets.',
    code: initOnly,
  },
  {
    name: 'own_init_weights',
    title: 'The same, with an own _init_weights that does not know it',
    why: '_init_weights is where 5.x expects buffers to be filled again. This one replaces the library’s and leaves them out.',
    code: ownInitWeights,
  },
  {
    name: 'recompute_if_zero',
    title: 'Recompute in forward if everything is zero',
    why: 'Fresh memory need not be zero. Any other leftovers pass for frequencies.',
    code: recomputeIfZero,
  },
  {
    name: 'persistent',
    title: 'A persistent buffer, and a checkpoint that holds it',
    why: 'Loaded like a weight. It also fixes what the checkpoint says: a changed rope_theta in config.json no longer counts.',
    code: persistent,
  },
  {
    name: 'persistent_missing',
    title: 'The same code, and an older checkpoint without it',
    why: 'Now it is a missing key, and gets fresh memory like the others.',
  },
  {
    name: 'init_weights_refills',
    title: 'An own _init_weights that refills it',
    why: 'Called after the memory was given, for every module that the checkpoint did not fill.',
    code: initWeightsRefills,
  },
  {
    name: 'super_init_weights',
    title: 'super()._init_weights, with what it looks for',
    why: 'The library refills modules whose class name contains RotaryEmbedding and that have original_inv_freq; for the default kind it asks them for compute_default_rope_parameters.',
    code: superInitWeights,
  },
  {
    name: 'recompute_once',
    title: 'Recompute once in forward, whatever it holds',
    why: 'No question is asked of memory that may hold anything. Until the first forward the buffer is still wrong.',
    code: recomputeOnce,
  },
  {
    name: 'no_buffer',
    title: 'No buffer: compute it in forward',
    why: 'What is not kept cannot be lost. It costs an arange and a power per forward.',
    code: noBuffer,
  },
];

export const ASSERTIONS = [
  {
    title: 'Every buffer is what __init__ means it to be',
    why: 'Needs no knowledge of RoPE: it sees every buffer that loading loses. A module that repairs itself in forward needs one forward before the assertion.',
    code: assertBuffers,
  },
  {
    title: 'End to end: loading does not change the logits',
    why: 'Sees what forward makes of it, repairs included. Give it several tokens: position 0 is never turned.',
    code: assertLogits,
  },
] as const;

export type Survival = 'survives' | 'sometimes' | 'lost';

/** Under the newer library, from what was counted: always right, right only for some fresh memory, or never. */
export function survivalOf(name: PatternName): Survival {
  const counts = Object.values(MEASURED.newer.survived[name]);
  if (counts.every((count) => count === MEASURED.newer.loads)) return 'survives';
  return counts.some((count) => count > 0) ? 'sometimes' : 'lost';
}
