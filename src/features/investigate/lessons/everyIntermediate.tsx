import { HEALTHY_LANE } from '../../../core/lanes';
import type { LoadedModel, TextToken } from '../../../protocol/engineApi';
import type { PositionTrace } from '../../../protocol/inspection';
import type { Laboratory } from '../../../state/laboratory';
import { HOW_MEASURED, HOW_THEN, PUBLISHED, REMEASURED } from '../caseFigures';
import type { Finding, Lesson } from '../lesson';
import { damaged, firstFour, LOST_LANE } from '../readings';
import { TraceDownload } from '../TraceDownload';

export const everyIntermediate: Lesson = {
  slug: 'every-intermediate',
  title: 'Write out every intermediate',
  prose: (
    <>
      <p>
        Hooks and guesses are used up. The last step replaces the forward of the rotary module by
        one that writes everything it touches to a file, where no progress bar and no buffer can get
        in the way: what goes in, what comes out, and what it is computed from.
      </p>
      <p>
        Here you get the same for this model: the frequencies, the tables, every query and key
        before and after the rotation, and the logits, for any position of the prompt and three
        lanes. One of them was left to leftovers of memory, because that is what loading really
        gives.
      </p>
    </>
  ),
  question: 'What does self.inv_freq[:4] hold inside forward, in the faulty world?',
  answers: [
    { id: 'right', label: `The right values: ${PUBLISHED.invFreq}` },
    { id: 'zeros', label: `Zeros: ${PUBLISHED.lostInvFreq}` },
    { id: 'garbage', label: 'Whatever the memory held' },
  ],
  experiment: async (laboratory) => findingOf(await measureEveryIntermediate(laboratory)),
  then: {
    verdict: (
      <p>
        The root cause: <code>inv_freq[:4]</code> is {PUBLISHED.lostInvFreq} inside forward under{' '}
        {PUBLISHED.newer}, and {PUBLISHED.invFreq} under {PUBLISHED.older}. The buffer is in no
        checkpoint; loading made it anew and nobody filled it. Zero was taken to be what new memory
        holds.
      </p>
    ),
    how: HOW_THEN,
  },
  measured: {
    agreement: 'contradicts',
    verdict: (
      <>
        <p>
          The place is right, the content is not: <code>torch.empty_like</code> gives memory that
          nobody has written to. In about {REMEASURED.loads} loads there were{' '}
          {REMEASURED.exactZeros} that held exact zeros and {REMEASURED.correct} that held the right
          values; typically {REMEASURED.fewestNonZero} to {REMEASURED.mostNonZero} of{' '}
          {REMEASURED.entries} entries were not zero. {REMEASURED.tinyLoads} loads were below{' '}
          {REMEASURED.tiny} throughout, which reads like zeros and acts like zeros.{' '}
          {PUBLISHED.newer} itself was not measured.
        </p>
        <p>
          Exact zeros can be had: with <code>MALLOC_PERTURB_={REMEASURED.zerosByte}</code> fresh
          memory is zero every time. With {REMEASURED.hugeByte} every entry is about{' '}
          {REMEASURED.huge}.
        </p>
      </>
    ),
    how: HOW_MEASURED,
  },
  playground: { lanes: [LOST_LANE, damaged('uninitialised')], view: 'frequencies' },
};

export const TRACED_LANES = [
  { name: 'healthy', spec: HEALTHY_LANE },
  { name: 'lost to zeros', spec: LOST_LANE },
  { name: 'lost to leftovers', spec: damaged('uninitialised') },
] as const;

export interface EveryIntermediateNumbers {
  readonly model: LoadedModel;
  readonly prompt: readonly TextToken[];
  /** One per traced lane: inv_freq as the engine had it, and a trace for each position of the prompt. */
  readonly lanes: readonly {
    readonly name: string;
    readonly invFreq: Float32Array;
    readonly positions: readonly PositionTrace[];
  }[];
}

export async function measureEveryIntermediate(
  laboratory: Laboratory,
): Promise<EveryIntermediateNumbers> {
  const model = await laboratory.model();
  const { prompt, rotations, trace } = await laboratory.run({
    prompt: PUBLISHED.prompt,
    lanes: TRACED_LANES.map(({ spec }) => spec),
    maxNewTokens: 1,
    topK: 1,
  });
  const lanes = TRACED_LANES.map(async ({ name }, lane) => ({
    name,
    invFreq: rotations[lane]?.invFreq ?? new Float32Array(),
    positions: await Promise.all(prompt.map((_, position) => trace({ lane, position }))),
  }));
  return { model, prompt, lanes: await Promise.all(lanes) };
}

function findingOf(numbers: EveryIntermediateNumbers): Finding {
  const read = numbers.lanes.map(({ name, invFreq }) => `${firstFour(invFreq)} (${name})`);
  return {
    happened: `Inside forward, inv_freq[:4] was ${read.join('; ')}.`,
    details: <TraceDownload numbers={numbers} />,
  };
}
