import { commonPrefix } from '../../../core/divergence';
import type { Laboratory } from '../../../state/laboratory';
import { HOW_MEASURED, HOW_THEN, PUBLISHED, REMEASURED } from '../caseFigures';
import { FindingTable } from '../FindingTable';
import type { Finding, Lesson } from '../lesson';
import { amount, logitDifference, LOST_LANE, TWO_WORLDS } from '../readings';

export const forcedEager: Lesson = {
  slug: 'forced-eager',
  title: 'Force eager attention on the faulty model',
  prose: (
    <>
      <p>
        The last step asked whether a kernel can do such damage. This one turns the question round:
        take the faulty model, go past the fused kernels altogether with{' '}
        <code>attn_implementation="eager"</code>, and see whether it recovers. If it does, attention
        was the culprit. If not, the fault sits before attention.
      </p>
      <p>
        Here the lane with lost frequencies continues the prompt twice, through either graph, each
        time by its own words.
      </p>
    </>
  ),
  question: 'Eager attention in the faulty lane: what becomes of its text?',
  answers: [
    { id: 'recovers', label: 'It becomes the healthy text' },
    { id: 'unchanged', label: 'It stays as wrong as it was, word for word' },
    { id: 'otherwise', label: 'It becomes wrong in another way' },
  ],
  experiment: async (laboratory) => findingOf(await measureForcedEager(laboratory)),
  then: {
    verdict: (
      <p>
        Ruled out: with eager attention the logit stayed at {PUBLISHED.faultyLogit}. Whatever is
        wrong happens before attention.
      </p>
    ),
    how: HOW_THEN,
  },
  measured: {
    agreement: 'agrees',
    verdict: (
      <p>
        The same: with exact zeros, eager and SDPA differ by {REMEASURED.kernelDifference} in the
        logits, healthy and faulty by {REMEASURED.faultDifference}. One exception is worth knowing:
        with NaN in <code>inv_freq</code>, SDPA on a CPU hid the NaN behind finite, wrong logits,
        and eager attention showed it.
      </p>
    ),
    how: HOW_MEASURED,
  },
  playground: { lanes: [LOST_LANE], view: 'attention' },
};

export interface ForcedEagerNumbers {
  readonly texts: Readonly<Record<'healthy' | 'fused' | 'eager', string>>;
  /** Tokens that the faulty lane chose alike through both graphs, from the first on; and how many it chose. */
  readonly sameTokens: number;
  readonly tokens: number;
  /** Of the faulty lane, fused against eager, over the tokens that are the same. */
  readonly kernel: number;
  /** Healthy against faulty after the prompt, through either graph. */
  readonly fault: Readonly<Record<'fused' | 'eager', number>>;
}

export async function measureForcedEager(laboratory: Laboratory): Promise<ForcedEagerNumbers> {
  const request = { prompt: PUBLISHED.prompt, lanes: TWO_WORLDS, maxNewTokens: 24, topK: 1 };
  const fused = await laboratory.run({ ...request, attention: 'fused' });
  const eager = await laboratory.run({ ...request, attention: 'eager' });
  const chosen = (run: typeof fused) => run.summary.lanes[1]?.ids ?? [];
  const text = (run: typeof fused, lane: number) => run.summary.lanes[lane]?.text ?? '';
  const sameTokens = commonPrefix(chosen(fused), chosen(eager));
  return {
    texts: { healthy: text(fused, 0), fused: text(fused, 1), eager: text(eager, 1) },
    sameTokens,
    tokens: chosen(fused).length,
    kernel: await logitDifference([fused, 1], [eager, 1], sameTokens),
    fault: {
      fused: await logitDifference([fused, 0], [fused, 1], 1),
      eager: await logitDifference([eager, 0], [eager, 1], 1),
    },
  };
}

function findingOf({ texts, sameTokens, tokens, kernel, fault }: ForcedEagerNumbers): Finding {
  return {
    happened: `The faulty lane chose ${sameTokens} of ${tokens} tokens as before; its logits moved by at most ${amount(kernel)}, and stayed ${amount(fault.eager)} away from the healthy ones.`,
    details: (
      <FindingTable
        caption={`What follows “${PUBLISHED.prompt}”, and the largest difference of a logit from healthy after the prompt`}
        columns={['Lane', 'Text', 'max |Δ| from healthy']}
        rows={[
          ['healthy, fused', texts.healthy, '–'],
          ['inv_freq lost, fused', texts.fused, amount(fault.fused)],
          ['inv_freq lost, eager', texts.eager, amount(fault.eager)],
        ]}
      />
    ),
  };
}
