import type { LoadingChoices, LoadingWorld } from './lifecycleChoices';
import type { RopeConfig } from './rope';
import { rotatedDim } from './ropeConfig';

/**
 * absent: not made yet. meta: a shape without memory. empty: memory that nobody has written to. from-checkpoint: as the
 * file has it. computed: filled by code, `__init__`, `_init_weights` or a guard.
 */
export type TensorState = 'absent' | 'meta' | 'empty' | 'from-checkpoint' | 'computed';

/** A tensor of the model while it is loaded. */
export interface LoadingTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** As safetensors writes it: F32, F16, BF16. */
  readonly dtype: string;
  readonly kind: 'parameter' | 'buffer';
  readonly inCheckpoint: boolean;
  /** The tensor that this one becomes, once weights are tied. */
  readonly tiedTo?: string;
}

/** A parameter of the model; it is in the checkpoint unless said otherwise. */
export type LoadingParameter = Pick<LoadingTensor, 'name' | 'shape' | 'dtype'> & {
  readonly inCheckpoint?: boolean;
};

export const INV_FREQ = 'model.rotary_emb.inv_freq';
const EMBEDDING = 'model.embed_tokens.weight';
const HEAD = 'lm_head.weight';

/**
 * The tensors of a model: its parameters, the buffer that no checkpoint needs to hold, and the output head where it is
 * tied to the embedding.
 */
export function loadingTensors(
  given: readonly LoadingParameter[],
  config: Pick<RopeConfig, 'headDim' | 'rotaryDim'> & { readonly tieWordEmbeddings: boolean },
  { inCheckpoint }: Pick<LoadingChoices, 'inCheckpoint'>,
): LoadingTensor[] {
  const parameters = given
    .filter(({ name }) => name !== INV_FREQ)
    .map(({ name, shape, dtype, inCheckpoint: stored = true }): LoadingTensor => ({
      name,
      shape,
      dtype,
      kind: 'parameter',
      inCheckpoint: stored,
    }));
  const embedding = parameters.find(({ name }) => name === EMBEDDING);
  const hasHead = parameters.some(({ name }) => name === HEAD);
  const head: LoadingTensor[] =
    config.tieWordEmbeddings && embedding !== undefined && !hasHead
      ? [{ ...embedding, name: HEAD, inCheckpoint: false, tiedTo: EMBEDDING }]
      : [];
  const invFreq: LoadingTensor = {
    name: INV_FREQ,
    shape: [rotatedDim(config) / 2],
    dtype: 'F32',
    kind: 'buffer',
    inCheckpoint,
  };
  return [invFreq, ...parameters, ...head];
}

/**
 * What loading does, one step after the other. The two worlds take the same steps in another order: 4.57 fills what is
 * missing before it reads the checkpoint, 5.x after it.
 */
export type LoadingStepId =
  'call' | 'construct' | 'materialise' | 'initialise' | 'load' | 'tie' | 'forward';

export const LOADING_ORDER: Readonly<Record<LoadingWorld, readonly LoadingStepId[]>> = {
  '4.57': ['call', 'construct', 'materialise', 'initialise', 'load', 'tie', 'forward'],
  '5.x': ['call', 'construct', 'load', 'materialise', 'initialise', 'tie', 'forward'],
};

/**
 * What a step makes of one tensor. The guard in forward is not its matter: that looks at values.
 *
 * @param target state of the tensor that this one is tied to
 */
export function stateAfter(
  step: LoadingStepId,
  state: TensorState,
  tensor: LoadingTensor,
  world: LoadingWorld,
  choices: LoadingChoices,
  target: TensorState | undefined,
): TensorState {
  switch (step) {
    case 'call':
    case 'forward':
      return state;
    case 'construct':
      return world === '4.57' && tensor.kind === 'buffer' ? 'computed' : 'meta';
    case 'load':
      return isLoaded(tensor, choices) ? 'from-checkpoint' : state;
    case 'materialise': {
      const isMissing = !isLoaded(tensor, choices) && tensor.tiedTo === undefined;
      return state === 'meta' && isMissing ? 'empty' : state;
    }
    case 'initialise':
      if (tensor.kind === 'buffer') return invFreqInitialised(state, choices);
      return state === 'empty' ? 'computed' : state;
    case 'tie':
      return tensor.tiedTo === undefined ? state : (target ?? state);
  }
}

/** A buffer is read from the file only if it is persistent; the library drops it in silence otherwise. */
export function isLoaded(tensor: LoadingTensor, { persistent }: LoadingChoices): boolean {
  return tensor.inCheckpoint && (tensor.kind === 'parameter' || persistent);
}

/**
 * The library's own method knows a rotary module by its class name and its original_inv_freq, and leaves alone what was
 * loaded. A method of the model's writes whenever it is called: not if all buffers of the module came from the file.
 */
function invFreqInitialised(state: TensorState, choices: LoadingChoices): TensorState {
  const { initWeights, originalInvFreq } = choices;
  switch (initWeights) {
    case 'own':
      return state;
    case 'own-refills':
      return state === 'from-checkpoint' && !originalInvFreq ? state : 'computed';
    case 'inherited':
    case 'own-super':
      return state === 'empty' && originalInvFreq ? 'computed' : state;
  }
}
