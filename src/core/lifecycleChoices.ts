import type { Fault } from './faults';
import { heapGarbage, PERTURBED_165, tinyGarbage } from './freshMemory';
import type { Guard } from './guards';

/** The two ways in which transformers loads a model: as 4.57.6 does, and as 5.18.0 does. */
export type LoadingWorld = '4.57' | '5.x';

export const LOADING_WORLDS: readonly LoadingWorld[] = ['4.57', '5.x'];

/** What `torch.empty_like` finds in the memory that it is given. */
export type FreshMemory = 'leftovers' | 'tiny' | 'zeros' | 'huge' | 'nan';

/**
 * Whose `_init_weights` runs: the library's own; one of the model's that knows weights only; the same, which then calls
 * the library's own through super(); or one of the model's that fills `inv_freq` as well.
 */
export type InitWeights = 'inherited' | 'own' | 'own-super' | 'own-refills';

/** Everything that decides what `inv_freq` is after loading, but for the library's version. */
export interface LoadingChoices {
  readonly freshMemory: FreshMemory;
  /** Of leftovers and tiny leftovers: an integer from 0 to 2³² − 1. */
  readonly seed: number;
  /** Is the buffer registered with persistent=True? */
  readonly persistent: boolean;
  /** Was the checkpoint saved by a module whose inv_freq was persistent, so that the file holds it? */
  readonly inCheckpoint: boolean;
  readonly initWeights: InitWeights;
  /**
   * Has the rotary module `original_inv_freq`, as a non-persistent buffer, and what goes with it in the library's own
   * modules: `rope_type` and `compute_default_rope_parameters`?
   */
  readonly originalInvFreq: boolean;
  readonly guard: Guard;
}

/** As the bundled model is written, with what was measured most: leftovers. */
export const USUAL_LOADING: LoadingChoices = {
  freshMemory: 'leftovers',
  seed: 1,
  persistent: false,
  inCheckpoint: false,
  initWeights: 'own',
  originalInvFreq: false,
  guard: 'none',
};

/** Fresh memory of `length` float32 entries. */
export function freshEntries(
  { freshMemory, seed }: Pick<LoadingChoices, 'freshMemory' | 'seed'>,
  length: number,
): Float32Array {
  switch (freshMemory) {
    case 'leftovers':
      return heapGarbage(length, seed);
    case 'tiny':
      return tinyGarbage(length, seed);
    case 'zeros':
      return new Float32Array(length);
    case 'huge':
      return new Float32Array(length).fill(PERTURBED_165);
    case 'nan':
      return new Float32Array(length).fill(Number.NaN);
  }
}

/** The fault of a lane whose `inv_freq` was left to that memory. */
export function freshMemoryFault({
  freshMemory,
  seed,
}: Pick<LoadingChoices, 'freshMemory' | 'seed'>): Fault {
  switch (freshMemory) {
    case 'leftovers':
      return { kind: 'uninitialised', parameters: { seed } };
    case 'tiny':
      return { kind: 'tiny', parameters: { seed } };
    case 'zeros':
      return { kind: 'zero' };
    case 'huge':
      return { kind: 'huge' };
    case 'nan':
      return { kind: 'nan' };
  }
}
