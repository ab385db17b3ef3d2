import type { Laboratory } from '../../../state/laboratory';
import { firstDivergence } from '../../../core/divergence';
import { HEALTHY_LANE } from '../../../core/lanes';
import { HOW_THEN, PUBLISHED } from '../caseFigures';
import { FindingTable, Four } from '../FindingTable';
import type { Finding, Lesson } from '../lesson';
import { amount, damaged, firstFour, logitDifference, LOST_LANE } from '../readings';

export const cosAndSin: Lesson = {
  slug: 'cos-and-sin',
  title: 'Cosines, sines, and a wrong guess',
  prose: (
    <>
      <p>
        It is RoPE, so hook what its module returns. Under {PUBLISHED.newer} every position had cos
        = 1 and sin = 0, the rotation that does nothing; the cosines of position 1 should have been{' '}
        {PUBLISHED.cos} and so on.
      </p>
      <p>
        The model runs in bfloat16, which keeps eight bits of a number, and the module casts its
        tables at the very end. The first guess was that this rounding had eaten the rotation. A
        guess can be tested: give a lane exactly that fault and nothing else.
      </p>
      <p>
        Four lanes run here: healthy, frequencies lost, tables rounded to bfloat16, and frequencies
        rounded to bfloat16.
      </p>
    </>
  ),
  question: 'Cosines and sines rounded to bfloat16: does that explain cos = 1 and sin = 0?',
  answers: [
    { id: 'yes', label: 'Yes: they round to 1 and 0' },
    { id: 'partly', label: 'Partly: the rotation is weaker, and the text turns wrong as well' },
    { id: 'no', label: 'No: the rotation stays, and the logits hardly move' },
  ],
  experiment: async (laboratory) => findingOf(await measureCosAndSin(laboratory)),
  then: {
    verdict: (
      <p>
        Identity rotation at every position. The first explanation, rounding to bfloat16, turned out
        to be wrong.
      </p>
    ),
    how: HOW_THEN,
  },
  measured: {
    agreement: 'agrees',
    verdict: (
      <p>
        Refuted here by its own fault: rounding leaves every rotation in place and moves the logits
        by a small fraction of what the lost frequencies do. To turn the first cosine into a 1,
        rounding would have to be off by nearly a half; bfloat16 is off by less than a hundredth.
      </p>
    ),
    how: 'Measured here: the experiment above, on the model of this page.',
  },
  playground: { lanes: [LOST_LANE, damaged('bf16-tables'), damaged('bf16')], view: 'tables' },
};

const STEPS = 12;

const LANES = [
  { name: 'healthy', spec: HEALTHY_LANE },
  { name: 'inv_freq lost', spec: LOST_LANE },
  { name: 'cos and sin in bfloat16', spec: damaged('bf16-tables') },
  { name: 'inv_freq in bfloat16', spec: damaged('bf16') },
] as const;

export interface CosAndSinLane {
  readonly name: string;
  /** At position 1: [rotaryDim / 2]. */
  readonly cos: Float32Array;
  readonly sin: Float32Array;
  /** From the healthy logits, the largest over all steps of the same text. */
  readonly difference: number;
  /** The first generated token, from 0, at which it would choose another than the healthy lane; null if none. */
  readonly parts: number | null;
}

export async function measureCosAndSin(laboratory: Laboratory): Promise<readonly CosAndSinLane[]> {
  const run = await laboratory.run({
    prompt: PUBLISHED.prompt,
    lanes: LANES.map(({ spec }) => spec),
    maxNewTokens: STEPS,
    mode: 'teacher-forced',
    topK: 1,
  });
  const choices = run.summary.lanes.map(({ ids }) => ids);
  const [healthy = []] = choices;
  return Promise.all(
    LANES.map(async ({ name }, lane): Promise<CosAndSinLane> => {
      const { cos, sin } = await run.trace({ lane, position: 1 });
      return {
        name,
        cos,
        sin,
        difference: await logitDifference([run, 0], [run, lane], healthy.length),
        parts: firstDivergence(healthy, choices[lane] ?? []),
      };
    }),
  );
}

function findingOf(lanes: readonly CosAndSinLane[]): Finding {
  const [, lost, tables] = lanes;
  return {
    happened:
      lost && tables
        ? `Rounded to bfloat16, the cosines of position 1 began ${firstFour(tables.cos)} and the logits moved by at most ${amount(tables.difference)}. With the frequencies lost they read ${firstFour(lost.cos)}, and the logits moved by ${amount(lost.difference)}.`
        : '',
    details: (
      <FindingTable
        caption={`Tables of position 1, and the logits over ${STEPS} tokens of the same text`}
        columns={['Lane', 'cos', 'sin', 'max |Δ| of a logit', 'first other token']}
        rows={lanes.map(({ name, cos, sin, difference, parts }, lane) => [
          name,
          <Four key="cos" values={cos} />,
          <Four key="sin" values={sin} />,
          lane === 0 ? '–' : amount(difference),
          lane === 0 ? '–' : parts === null ? 'none' : `token ${parts + 1}`,
        ])}
      />
    ),
  };
}
