import { Failure } from './errors';
import { HEALTHY } from './faults';
import { applyGuard } from './guards';
import type { LaneSpec } from './lanes';
import {
  freshEntries,
  freshMemoryFault,
  type LoadingChoices,
  type LoadingWorld,
} from './lifecycleChoices';
import {
  INV_FREQ,
  isLoaded,
  LOADING_ORDER,
  type LoadingParameter,
  type LoadingStepId,
  type LoadingTensor,
  loadingTensors,
  stateAfter,
  type TensorState,
} from './lifecycleStates';
import { inverseFrequencies, type RopeConfig, sameBits } from './rope';

/** What `inv_freq` does to queries and keys. Negligible: every entry below 1e-6, the identity in effect. */
export type RotationEffect = 'healthy' | 'identity' | 'negligible' | 'arbitrary' | 'not-a-number';

/** The model after a step. */
export interface LoadingStep {
  readonly id: LoadingStepId;
  /** State of every tensor, by name. */
  readonly states: ReadonlyMap<string, TensorState>;
  /** [rotaryDim / 2], or null where the buffer is not made yet or has no memory. */
  readonly invFreq: Float32Array | null;
}

export interface LoadingOutcome {
  /** What the buffer was when `from_pretrained` returned. */
  readonly loaded: TensorState;
  /** Does the loading report name inv_freq as missing? */
  readonly reportedMissing: boolean;
  /** Did the guard in forward replace what it was given? */
  readonly guardFired: boolean;
  /** Inside forward, behind the guard: [rotaryDim / 2], radians per token. */
  readonly invFreq: Float32Array;
  readonly effect: RotationEffect;
}

/** One load and its first forward pass. */
export interface Loading {
  readonly world: LoadingWorld;
  readonly choices: LoadingChoices;
  readonly tensors: readonly LoadingTensor[];
  /** In the order of the world. */
  readonly steps: readonly LoadingStep[];
  readonly outcome: LoadingOutcome;
}

export type LoadingConfig = RopeConfig & { readonly tieWordEmbeddings: boolean };

/**
 * `from_pretrained` and the first forward, step by step, as measured with transformers 4.57.6 and 5.18.0
 * (`training/loading.py`). A checkpoint that holds `inv_freq` holds the right values in float32: `save_pretrained` writes
 * them so, unless the whole model was cast before.
 *
 * @param parameters as a rule the tensors of the checkpoint; inv_freq and a tied head are added
 */
export function simulateLoading(
  world: LoadingWorld,
  choices: LoadingChoices,
  config: LoadingConfig,
  parameters: readonly LoadingParameter[] = [],
): Loading {
  const tensors = loadingTensors(parameters, config, choices);
  const healthy = inverseFrequencies(config);
  const steps: LoadingStep[] = [];
  let states: ReadonlyMap<string, TensorState> = new Map(
    tensors.map(({ name }) => [name, 'absent']),
  );
  for (const id of LOADING_ORDER[world]) {
    const before = states;
    states = new Map(
      tensors.map((tensor) => {
        const state = stateIn(before, tensor.name);
        const target = tensor.tiedTo === undefined ? undefined : before.get(tensor.tiedTo);
        return [tensor.name, stateAfter(id, state, tensor, world, choices, target)];
      }),
    );
    steps.push({
      id,
      states,
      invFreq: invFreqIn(stateIn(states, INV_FREQ), choices, healthy),
    });
  }

  const loaded = stateIn(states, INV_FREQ);
  const found = invFreqIn(loaded, choices, healthy);
  if (found === null) throw new Failure('internal', `Loading left ${INV_FREQ} without memory.`);
  const { invFreq, fired } = applyGuard(choices.guard, found, () => healthy.slice());
  const forward: LoadingStep = {
    id: 'forward',
    states: fired ? new Map([...states, [INV_FREQ, 'computed']]) : states,
    invFreq,
  };
  return {
    world,
    choices,
    tensors,
    steps: [...steps.slice(0, -1), forward],
    outcome: {
      loaded,
      reportedMissing: isReportedMissing(tensors, choices),
      guardFired: fired,
      invFreq,
      effect: rotationEffect(invFreq, healthy),
    },
  };
}

/** The lane that computes with this `inv_freq`, bit for bit, and whose guard fires or stays silent likewise. */
export function laneOf({ choices, outcome }: Pick<Loading, 'choices' | 'outcome'>): LaneSpec {
  const fault = outcome.loaded === 'empty' ? freshMemoryFault(choices) : HEALTHY;
  return { fault, guard: choices.guard };
}

/** What a line of code finds that reads the values of `inv_freq` after a step. */
export type Reading =
  | { readonly kind: 'absent' }
  | { readonly kind: 'raises'; readonly error: string }
  | { readonly kind: 'values'; readonly values: Float32Array };

/** What `tolist()` and `cpu()` raise, with torch 2.13. Printing a tensor on meta raises nothing and shows its shape. */
export const META_READ_ERROR = 'NotImplementedError: Cannot copy out of meta tensor; no data!';

export function readInvFreq({ states, invFreq }: LoadingStep): Reading {
  if (invFreq !== null) return { kind: 'values', values: invFreq };
  return stateIn(states, INV_FREQ) === 'absent'
    ? { kind: 'absent' }
    : { kind: 'raises', error: META_READ_ERROR };
}

export function rotationEffect(invFreq: Float32Array, healthy: Float32Array): RotationEffect {
  if (sameBits(invFreq, healthy)) return 'healthy';
  if (invFreq.some(Number.isNaN)) return 'not-a-number';
  if (invFreq.every((frequency) => frequency === 0)) return 'identity';
  return invFreq.every((frequency) => Math.abs(frequency) < 1e-6) ? 'negligible' : 'arbitrary';
}

/** A name that is not there would be a fault of ours; it counts as not made yet. */
function stateIn(states: ReadonlyMap<string, TensorState>, name: string): TensorState {
  return states.get(name) ?? 'absent';
}

function invFreqIn(
  state: TensorState,
  choices: LoadingChoices,
  healthy: Float32Array,
): Float32Array | null {
  switch (state) {
    case 'absent':
    case 'meta':
      return null;
    case 'empty':
      return freshEntries(choices, healthy.length);
    case 'from-checkpoint':
    case 'computed':
      return healthy.slice();
  }
}

/** A persistent buffer belongs to the state dict, so the library misses it; one that is not persistent it cannot miss. */
function isReportedMissing(tensors: readonly LoadingTensor[], choices: LoadingChoices): boolean {
  const invFreq = tensors.find(({ name }) => name === INV_FREQ);
  return invFreq !== undefined && choices.persistent && !isLoaded(invFreq, choices);
}
