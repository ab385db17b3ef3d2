import type { Laboratory } from '../../../state/laboratory';
import { TokenText } from '../../../ui/TokenText';
import { fourDecimals } from '../../../ui/numbers';
import { HOW_MEASURED, HOW_THEN, PUBLISHED, REMEASURED } from '../caseFigures';
import { FindingTable } from '../FindingTable';
import type { Finding, Lesson } from '../lesson';
import { amount, logitDifference, logitsAt, LOST_LANE, TWO_WORLDS } from '../readings';

export const attentionKernel: Lesson = {
  slug: 'attention-kernel',
  title: 'Does another attention kernel explain it?',
  prose: (
    <>
      <p>
        Attention is not one program. Fused kernels compute scores, softmax and weighted sum in one
        go; the eager form is a matrix product, a softmax and another product. They add the same
        numbers in another order, and a flag such as <code>enable_gqa</code> can send the same model
        through another kernel.
      </p>
      <p>
        The engineers found that flag in the newer library, patched it away, and ran again: still{' '}
        {PUBLISHED.faultyLogit}.
      </p>
      <p>
        The experiment runs the healthy model twice, through a graph with a fused attention operator
        and through one with single operators, and sets the difference beside that of the fault. All
        lanes read the same text, so that their logits can be compared token by token.
      </p>
    </>
  ),
  question: 'Another attention kernel, everything else healthy: how far do the logits move?',
  answers: [
    { id: 'nothing', label: 'Not at all' },
    { id: 'rounding', label: 'By rounding: about 0.00001' },
    { id: 'as-fault', label: 'About as far as the fault moves them' },
  ],
  experiment: async (laboratory) => findingOf(await measureAttentionKernel(laboratory)),
  then: {
    verdict: (
      <p>
        Real but secondary: the newer library was found to pass <code>enable_gqa=True</code> even
        for plain multi-head attention, which can shift logits. Patched, the logit stayed at{' '}
        {PUBLISHED.faultyLogit}.
      </p>
    ),
    how: HOW_THEN,
  },
  measured: {
    agreement: 'contradicts',
    verdict: (
      <p>
        It is the other way round: with one key and value head per query head, {REMEASURED.older}{' '}
        passes the flag, {REMEASURED.newer} and {REMEASURED.newest} do not. On a CPU the flag
        changed no bit, in fp32, fp16 or bf16. {PUBLISHED.newer} itself was not measured.
      </p>
    ),
    how: HOW_MEASURED,
  },
  playground: { lanes: [LOST_LANE], view: 'logits' },
};

const STEPS = 12;

/** Largest differences between logits, over the whole vocabulary. */
export interface AttentionKernelNumbers {
  /** The token that the healthy model puts first after the prompt. */
  readonly token: string;
  /** Its logit: healthy with the fused graph, healthy with the eager one, faulty with the fused one. */
  readonly logits: readonly [number, number, number];
  /** Fused against eager, healthy: after the prompt, and over all steps. */
  readonly kernel: readonly [number, number];
  /** Healthy against faulty, both fused. */
  readonly fault: readonly [number, number];
}

export async function measureAttentionKernel(
  laboratory: Laboratory,
): Promise<AttentionKernelNumbers> {
  const request = {
    prompt: PUBLISHED.prompt,
    lanes: TWO_WORLDS,
    maxNewTokens: STEPS,
    mode: 'teacher-forced',
    topK: 1,
  } as const;
  const fused = await laboratory.run({ ...request, attention: 'fused' });
  const eager = await laboratory.run({ ...request, attention: 'eager' });
  const top = fused.steps[0]?.[0]?.top[0];
  const id = top?.id ?? 0;
  const logitOf = async (run: typeof fused, lane: number) =>
    (await logitsAt(run, lane, 0))[id] ?? Number.NaN;
  const steps = fused.summary.lanes[0]?.ids.length ?? 0;
  const kernel = (count: number) => logitDifference([fused, 0], [eager, 0], count);
  const fault = (count: number) => logitDifference([fused, 0], [fused, 1], count);
  return {
    token: top?.token ?? '',
    logits: [await logitOf(fused, 0), await logitOf(eager, 0), await logitOf(fused, 1)],
    kernel: [await kernel(1), await kernel(steps)],
    fault: [await fault(1), await fault(steps)],
  };
}

function findingOf({ token, logits, kernel, fault }: AttentionKernelNumbers): Finding {
  const [first, all] = kernel;
  const [faultFirst, faultAll] = fault;
  const [fused, eager, lost] = logits;
  return {
    happened: `The other kernel moved the logits by at most ${amount(all)}; the fault moved them by up to ${amount(faultAll)}.`,
    details: (
      <FindingTable
        caption={`Logits after “${PUBLISHED.prompt}” and over ${STEPS} tokens of the healthy text`}
        columns={[
          'Compared with healthy, fused',
          <>
            logit of “<TokenText text={token} label={token} />”
          </>,
          'max |Δ| after the prompt',
          'max |Δ| over all tokens',
        ]}
        rows={[
          ['healthy, fused: itself', fourDecimals(fused), '–', '–'],
          ['healthy, eager', fourDecimals(eager), amount(first), amount(all)],
          ['inv_freq lost, fused', fourDecimals(lost), amount(faultFirst), amount(faultAll)],
        ]}
      />
    ),
  };
}
