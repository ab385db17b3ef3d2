import type { LoadingChoices, LoadingWorld } from './lifecycleChoices';
import { LOADING_ORDER, type LoadingStepId, type TensorState } from './lifecycleStates';

/** A step in words. */
export interface LoadingStepText {
  readonly name: string;
  /** What the library runs: a function of its modeling_utils.py unless it is the model's own. */
  readonly code: string;
  /** One or two sentences: what happens to the tensors. */
  readonly text: string;
}

const CALL: LoadingStepText = {
  name: 'Call',
  code: 'from_pretrained',
  text: 'The library reads config.json and finds the checkpoint. The model is not made yet.',
};

const TIE: LoadingStepText = {
  name: 'Tie',
  code: 'tie_weights',
  text: 'The output head becomes the token embedding, where the configuration ties them. Then from_pretrained returns.',
};

const FORWARD: LoadingStepText = {
  name: 'First forward',
  code: 'rotary_emb.forward',
  text: 'The guard looks at inv_freq, where there is one; cos and sin are computed from what it leaves.',
};

/** Functions as they are called in transformers 4.57.6 and 5.18.0. */
export const LOADING_STEPS: Readonly<
  Record<LoadingWorld, Readonly<Record<LoadingStepId, LoadingStepText>>>
> = {
  '4.57': {
    call: CALL,
    construct: {
      name: 'Construct',
      code: 'init_empty_weights, __init__',
      text: 'Parameters go to the meta device: a shape without memory. Buffers stay on the CPU, so the inv_freq that __init__ computes is there.',
    },
    materialise: {
      name: 'Materialise',
      code: '_move_missing_keys_from_meta_to_cpu',
      text: 'Parameters that the checkpoint lacks get fresh memory from torch.empty_like. What is on the CPU already is left alone.',
    },
    initialise: {
      name: 'Initialise',
      code: '_initialize_missing_keys, _init_weights',
      text: '_init_weights fills what the checkpoint lacks, before the checkpoint is read.',
    },
    load: {
      name: 'Load',
      code: 'load_shard_file',
      text: 'The tensors of the checkpoint take their places, name by name.',
    },
    tie: TIE,
    forward: FORWARD,
  },
  '5.x': {
    call: CALL,
    construct: {
      name: 'Construct',
      code: 'torch.device("meta"), __init__',
      text: 'Everything goes to the meta device, buffers too. __init__ computes inv_freq there: a shape, and no values.',
    },
    load: {
      name: 'Load',
      code: 'convert_and_load_state_dict_in_model',
      text: 'The tensors of the checkpoint take their places, name by name. What the file lacks stays on meta.',
    },
    materialise: {
      name: 'Materialise',
      code: '_move_missing_keys_from_meta_to_device',
      text: 'What the checkpoint lacks, and every non-persistent buffer, gets fresh memory from torch.empty_like: nobody has written to it.',
    },
    initialise: {
      name: 'Initialise',
      code: '_initialize_missing_keys, _init_weights',
      text: '_init_weights is called for every module that is not filled yet. It is the last chance of inv_freq before forward.',
    },
    tie: TIE,
    forward: FORWARD,
  },
};

/** What the choices make of inv_freq in a step, in one sentence. Empty where there is nothing to add. */
export function invFreqNote(
  world: LoadingWorld,
  step: LoadingStepId,
  choices: LoadingChoices,
  { before, guardFired }: { readonly before: TensorState; readonly guardFired: boolean },
): string {
  switch (step) {
    case 'call':
      return '';
    case 'construct':
      return world === '4.57'
        ? 'inv_freq holds the right values.'
        : 'Whatever reads a value of inv_freq now raises an error.';
    case 'load':
      return loadNote(choices);
    case 'materialise':
      if (before === 'meta') return 'inv_freq is now whatever that memory held.';
      return before === 'computed'
        ? 'inv_freq keeps the values of __init__.'
        : 'inv_freq came from the file and is kept.';
    case 'initialise':
      return world === '4.57'
        ? 'inv_freq is right before and after, whosever method runs.'
        : initialiseNote(choices, before);
    case 'tie':
      return choices.persistent && !choices.inCheckpoint
        ? 'The loading report names inv_freq as missing.'
        : 'The loading report says nothing about inv_freq.';
    case 'forward':
      return guardNote(choices, guardFired);
  }
}

function loadNote({ persistent, inCheckpoint }: LoadingChoices): string {
  if (persistent) {
    return inCheckpoint
      ? 'inv_freq is persistent and in the file: it is loaded like a weight.'
      : 'inv_freq is persistent, and the file lacks it: a missing key.';
  }
  return inCheckpoint
    ? 'The file holds inv_freq, but the buffer is not persistent: it is dropped without a word.'
    : 'inv_freq is not in the file, and nobody expects it there.';
}

function initialiseNote(
  { initWeights, originalInvFreq }: LoadingChoices,
  before: TensorState,
): string {
  const isLoaded = before === 'from-checkpoint';
  switch (initWeights) {
    case 'own':
      return 'The model’s method knows weights only: inv_freq stays as it is.';
    case 'own-refills':
      if (!isLoaded) return 'The model’s method computes inv_freq again.';
      return originalInvFreq
        ? 'original_inv_freq was not in the file, so the model’s method is called: it writes over the inv_freq that was loaded.'
        : 'All buffers of the rotary module came from the file, so the method is not called for it.';
    case 'inherited':
    case 'own-super':
      if (!originalInvFreq) {
        return 'The library’s method passes the rotary module by: it has no original_inv_freq.';
      }
      return isLoaded
        ? 'The library’s method leaves the inv_freq that was loaded.'
        : 'The library’s method knows a RotaryEmbedding with original_inv_freq: it computes inv_freq again.';
  }
}

function guardNote({ guard }: LoadingChoices, fired: boolean): string {
  switch (guard) {
    case 'none':
      return 'No guard: inv_freq is used as loading left it.';
    case 'patch5':
      return fired
        ? 'Patch 5 found exact zeros and recomputed inv_freq.'
        : 'Patch 5 found a value that is not zero, and stayed silent.';
    case 'refill':
      return 'inv_freq was recomputed without a look at what it held.';
  }
}

/** Number of steps, the same in both worlds. */
export const LOADING_STEP_COUNT = LOADING_ORDER['5.x'].length;
