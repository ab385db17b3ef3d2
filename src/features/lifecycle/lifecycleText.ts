import { type Loading, type LoadingStep, readInvFreq } from '../../core/lifecycle';
import type { FreshMemory, InitWeights, LoadingWorld } from '../../core/lifecycleChoices';
import { INV_FREQ, type TensorState } from '../../core/lifecycleStates';
import { LOADING_STEPS } from '../../core/lifecycleSteps';
import { numberText } from '../../ui/figure/numberText';

export const WORLD_NAMES: Readonly<Record<LoadingWorld, string>> = {
  '4.57': 'transformers 4.57',
  '5.x': 'transformers 5.x',
};

export const STATE_NAMES: Readonly<Record<TensorState, string>> = {
  absent: 'absent',
  meta: 'meta',
  empty: 'empty',
  'from-checkpoint': 'from checkpoint',
  computed: 'computed',
};

export const MEMORY_NAMES: Readonly<Record<FreshMemory, string>> = {
  leftovers: 'leftovers of earlier use',
  tiny: 'leftovers, all below 1e-6',
  zeros: 'exact zeros',
  huge: '1.5e16 throughout',
  nan: 'NaN throughout',
};

/** Where each kind of fresh memory was seen, or how to get it. */
export const MEMORY_SOURCES: Readonly<Record<FreshMemory, string>> = {
  leftovers: 'As in about 75 unforced loads with 5.17 and 5.18: never exact zeros.',
  tiny: 'Four of these about 75 loads.',
  zeros: 'Published for 5.2.0. Measured with MALLOC_PERTURB_=255.',
  huge: 'Measured with MALLOC_PERTURB_=165.',
  nan: 'Measured with torch.use_deterministic_algorithms(True).',
};

export const INIT_WEIGHTS_NAMES: Readonly<Record<InitWeights, string>> = {
  inherited: 'inherited from the library',
  own: 'own, weights only',
  'own-super': 'own, then super()',
  'own-refills': 'own, fills inv_freq too',
};

export const INIT_WEIGHTS_EXPLANATIONS: Readonly<Record<InitWeights, string>> = {
  inherited: 'In 5.x it knows rotary modules by their class name and original_inv_freq.',
  own: 'As the bundled model has it: it takes the place of the library’s own.',
  'own-super': 'Calls the library’s own after the model’s.',
  'own-refills': 'Computes the buffer again: one line that held in every load.',
};

const SHOWN = 4;

/** "1, 0.6494, 0.4217, 0.2738": inv_freq[:4]. */
export function firstValues(invFreq: Float32Array): string {
  return Array.from(invFreq.subarray(0, SHOWN), (value) => numberText(value)).join(', ');
}

/** What a probe behind this step prints, and whether it went well. */
export function readingText(step: LoadingStep): string {
  const reading = readInvFreq(step);
  switch (reading.kind) {
    case 'absent':
      return 'There is no module to read from yet.';
    case 'raises':
      return `Raises ${reading.error}`;
    case 'values':
      return `Reads ${firstValues(reading.values)}`;
  }
}

/** inv_freq inside forward, and how it came to that. */
export function outcomeText({ world, choices, outcome }: Loading): string {
  const { effect, guardFired, loaded, invFreq, reportedMissing } = outcome;
  const report = reportedMissing ? ' The loading report named inv_freq as missing.' : '';
  if (effect === 'healthy') return healthyText(world, loaded, guardFired && choices.guard) + report;
  const entries = invFreq.length;
  const nonZero = invFreq.filter((entry) => entry !== 0).length;
  const found = {
    identity: 'Broken: every entry is 0, so nothing rotates.',
    negligible: 'Broken: every entry is below 1e-6, so nothing rotates in effect.',
    arbitrary: `Broken: ${nonZero} of ${entries} entries are not zero, and none of them means anything.`,
    'not-a-number': 'Broken: every entry is NaN.',
  }[effect];
  const guard = choices.guard === 'patch5' ? ' Patch 5 stayed silent: not all of it is zero.' : '';
  return found + guard + (report || ' Nothing raised, and no report named it.');
}

function healthyText(
  world: LoadingWorld,
  loaded: TensorState,
  guard: false | Loading['choices']['guard'],
): string {
  if (guard === 'patch5') return 'Healthy: every entry was 0, so patch 5 fired and recomputed.';
  if (guard === 'refill') return 'Healthy: recomputed in the first forward, whatever it held.';
  if (loaded === 'from-checkpoint') return 'Healthy: inv_freq came from the checkpoint.';
  return world === '4.57'
    ? 'Healthy: the values of __init__ survived loading.'
    : 'Healthy: _init_weights computed inv_freq again.';
}

/** Where both worlds stand, to be read out: "Step 3 of 7. 4.57: Materialise, inv_freq computed. 5.x: …". */
export function stepText(loadings: readonly Loading[], at: number): string {
  const worlds = loadings.flatMap(({ world, steps }) => {
    const step = steps[at];
    if (step === undefined) return [];
    const state = STATE_NAMES[step.states.get(INV_FREQ) ?? 'absent'];
    return [`${world}: ${LOADING_STEPS[world][step.id].name}, inv_freq ${state}.`];
  });
  const count = loadings[0]?.steps.length ?? 0;
  return [`Step ${at + 1} of ${count}.`, ...worlds].join(' ');
}
