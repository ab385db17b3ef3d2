import type { ReactNode } from 'react';
import { laneOf, type Reading, readInvFreq, simulateLoading } from '../../../core/lifecycle';
import { LOADING_WORLDS, type LoadingWorld, USUAL_LOADING } from '../../../core/lifecycleChoices';
import { LOADING_ORDER, type LoadingStepId } from '../../../core/lifecycleStates';
import { HEALTHY_LANE } from '../../../core/lanes';
import { inverseFrequencies } from '../../../core/rope';
import type { Laboratory } from '../../../state/laboratory';
import { HOW_MEASURED, HOW_THEN, PUBLISHED } from '../caseFigures';
import { FindingTable, Four } from '../FindingTable';
import type { Finding, Lesson } from '../lesson';
import { ProbePlacement, readingText, STEP_NAMES } from '../ProbePlacement';
import { damaged, firstFour } from '../readings';

export const earlyRead: Lesson = {
  slug: 'early-read',
  title: 'A probe that reads too early',
  prose: (
    <>
      <p>
        If the function is the same, its input is next: print <code>inv_freq</code> in both versions
        and look. The engineers did, and saw good numbers, {PUBLISHED.invFreq}, in both. They
        concluded that the frequencies were fine.
      </p>
      <p>
        A buffer has a history, though. Newer versions build the module on the meta device, where
        tensors have a shape and no memory; they read the checkpoint, give memory to what is left,
        and only then run the model. What a probe sees depends on when it reads.
      </p>
      <p>
        The experiment loads this model in a simulation of both versions, lets you place the probe
        after any step, and runs the lane that comes of it. In{' '}
        <a href="#lifecycle">the loading lifecycle</a> every tensor can be followed.
      </p>
    </>
  ),
  question: 'Under 5.x, what does a line in __init__ see that reads the values of inv_freq?',
  answers: [
    { id: 'good', label: 'The right frequencies: they are lost later' },
    { id: 'zeros', label: 'Zeros' },
    { id: 'garbage', label: 'Whatever the memory held' },
    { id: 'raises', label: 'Nothing: reading raises an error' },
  ],
  experiment: async (laboratory) => findingOf(await measureEarlyRead(laboratory)),
  then: {
    verdict: (
      <p>
        Misleading: the hook read the buffer before it was materialised, and showed the same good
        values in both versions; so the frequencies were taken to be fine.
      </p>
    ),
    how: HOW_THEN,
  },
  measured: {
    agreement: 'contradicts',
    verdict: (
      <p>
        The story does not fit what was seen. In <code>__init__</code> the buffer is on the meta
        device and reading it raises; a hook on forward runs when loading is over, and reads what
        forward reads. The only early read that shows good numbers computes them anew on the CPU,
        and so looks at something that the model never uses.
      </p>
    ),
    how: HOW_MEASURED,
  },
  playground: { lanes: [damaged('uninitialised')], view: 'frequencies' },
};

export interface EarlyReadNumbers {
  /** What a probe after each step reads, by world. */
  readonly readings: Readonly<Record<LoadingWorld, ReadonlyMap<LoadingStepId, Reading>>>;
  /** What a line reads that computes the frequencies itself. */
  readonly recomputed: Float32Array;
  /** inv_freq of the lane that ran, as the engine had it in its forward passes. */
  readonly inForward: Float32Array;
}

export async function measureEarlyRead(laboratory: Laboratory): Promise<EarlyReadNumbers> {
  const { config, tensors } = await laboratory.model();
  const [older, newer] = LOADING_WORLDS.map((world) =>
    simulateLoading(world, USUAL_LOADING, config, tensors),
  );
  if (older === undefined || newer === undefined) throw new Error('two worlds were simulated');
  const { rotations } = await laboratory.run({
    prompt: PUBLISHED.prompt,
    lanes: [HEALTHY_LANE, laneOf(newer)],
    maxNewTokens: 1,
    topK: 1,
  });
  const read = ({ steps }: typeof older) =>
    new Map(steps.map((step) => [step.id, readInvFreq(step)]));
  return {
    readings: { '4.57': read(older), '5.x': read(newer) },
    recomputed: inverseFrequencies(config),
    inForward: rotations[1]?.invFreq ?? new Float32Array(),
  };
}

function findingOf({ readings, recomputed, inForward }: EarlyReadNumbers): Finding {
  const early = readings['5.x'].get('construct');
  return {
    happened: `Under 5.x the probe in __init__ found “${readingText(early)}”. Inside forward, inv_freq of the lane that ran here began ${firstFour(inForward)}, not ${firstFour(recomputed)}.`,
    details: (
      <>
        <ProbePlacement readings={readings['5.x']} />
        <FindingTable
          caption="inv_freq[:4] of this model, read after each step of a simulated load; fresh memory holds leftovers, which differ from load to load"
          columns={['When 5.x …', 'a probe reads under 5.x', 'and under 4.57']}
          rows={LOADING_ORDER['5.x'].map((id) => [
            STEP_NAMES[id],
            cellOf(readings['5.x'].get(id)),
            cellOf(readings['4.57'].get(id)),
          ])}
        />
        <p className="note">
          A line that computes the frequencies itself shows {firstFour(recomputed)} at any time, in
          both.
        </p>
      </>
    ),
  };
}

function cellOf(reading: Reading | undefined): ReactNode {
  return reading?.kind === 'values' ? <Four values={reading.values} /> : readingText(reading);
}
