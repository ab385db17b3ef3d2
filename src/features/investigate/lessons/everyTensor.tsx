import { INV_FREQ } from '../../../core/lifecycleStates';
import type { CheckpointTensor, LoadedModel } from '../../../protocol/engineApi';
import type { Laboratory } from '../../../state/laboratory';
import { HOW_THEN, HOW_MEASURED, PUBLISHED, REMEASURED } from '../caseFigures';
import { FindingTable } from '../FindingTable';
import type { Finding, Lesson } from '../lesson';
import { amount, logitDifference, LOST_LANE, TWO_WORLDS } from '../readings';

export const everyTensor: Lesson = {
  slug: 'every-tensor',
  title: 'Compare every tensor',
  prose: (
    <>
      <p>
        Perhaps the weights arrive damaged. That can be settled: write out every tensor in both
        versions and compare them bit for bit.
      </p>
      <p>
        The experiment loads the model twice from its file. Each time every tensor is fetched and
        hashed by itself. After the first load the prompt is run by the healthy lane, after the
        second by the one whose frequencies are lost; then names, shapes, types and hashes of the
        two loads are compared.
      </p>
    </>
  ),
  question: 'The logits of the two worlds differ. How many tensors of the checkpoint do?',
  answers: [
    { id: 'none', label: 'None' },
    { id: 'one', label: 'One: inv_freq' },
    { id: 'many', label: 'Many' },
  ],
  experiment: async (laboratory) => findingOf(await measureEveryTensor(laboratory)),
  then: {
    verdict: (
      <p>
        All {PUBLISHED.tensors} tensors, parameters and buffers, were identical bit for bit. So it
        was neither the weights nor the reading of them.
      </p>
    ),
    how: HOW_THEN,
  },
  measured: {
    agreement: 'adds',
    verdict: (
      <p>
        It depends on what is counted. {REMEASURED.parameters} parameters and the buffer{' '}
        <code>{INV_FREQ}</code> make {PUBLISHED.tensors}. A state dict also has{' '}
        {REMEASURED.stateDict} entries, but there the extra one is the tied{' '}
        <code>lm_head.weight</code>, and <code>inv_freq</code> is absent, because it is not
        persistent. A comparison of state dicts cannot see this fault.
      </p>
    ),
    how: HOW_MEASURED,
  },
  playground: { lanes: [LOST_LANE], view: 'logits' },
};

export interface TensorPair {
  readonly first: CheckpointTensor;
  /** Of the same name in the second load; undefined if there is none. */
  readonly second: CheckpointTensor | undefined;
  readonly equal: boolean;
}

export interface EveryTensorNumbers {
  readonly pairs: readonly TensorPair[];
  /** Tensors of the second load that the first does not have. */
  readonly unmatched: number;
  /** Does the file hold inv_freq, under whatever module? */
  readonly hasInvFreq: boolean;
  /** By three ways of counting. */
  readonly counts: {
    readonly checkpoint: number;
    readonly withBuffer: number;
    readonly stateDict: number;
  };
  /** Between the healthy logits of the first load and the faulty ones of the second, after the prompt. */
  readonly logits: number;
  /** The same, healthy in both. */
  readonly healthyLogits: number;
}

export async function measureEveryTensor(laboratory: Laboratory): Promise<EveryTensorNumbers> {
  const request = { prompt: PUBLISHED.prompt, lanes: TWO_WORLDS, maxNewTokens: 1, topK: 1 };
  const first = await laboratory.reload();
  const inFirst = await laboratory.run(request);
  // Asked now: a load ends what is known of runs before it.
  const healthy = await inFirst.trace({ lane: 0, position: inFirst.prompt.length - 1 });
  const second = await laboratory.reload();
  const inSecond = await laboratory.run(request);
  const remembered = { ...inFirst, trace: () => Promise.resolve(healthy) };
  const byName = new Map(second.tensors.map((tensor) => [tensor.name, tensor]));
  const names = new Set(first.tensors.map(({ name }) => name));
  return {
    pairs: first.tensors.map((tensor) => {
      const other = byName.get(tensor.name);
      return { first: tensor, second: other, equal: isSame(tensor, other) };
    }),
    unmatched: second.tensors.filter(({ name }) => !names.has(name)).length,
    hasInvFreq: second.tensors.some(({ name }) => name.includes('inv_freq')),
    counts: countsOf(second),
    logits: await logitDifference([remembered, 0], [inSecond, 1], 1),
    healthyLogits: await logitDifference([remembered, 0], [inSecond, 0], 1),
  };
}

function isSame(a: CheckpointTensor, b: CheckpointTensor | undefined): boolean {
  return a.dtype === b?.dtype && a.shape.join() === b.shape.join() && a.sha256 === b.sha256;
}

/** The head is an entry of the state dict beside the embedding that it is tied to; the file holds both as one. */
function countsOf({ tensors, config }: LoadedModel): EveryTensorNumbers['counts'] {
  const hasHead = tensors.some(({ name }) => name === 'lm_head.weight');
  const checkpoint = tensors.length;
  return {
    checkpoint,
    withBuffer: checkpoint + 1,
    stateDict: checkpoint + (config.tieWordEmbeddings && !hasHead ? 1 : 0),
  };
}

function findingOf(numbers: EveryTensorNumbers): Finding {
  const { pairs, unmatched, hasInvFreq, counts } = numbers;
  const equal = pairs.filter((pair) => pair.equal).length;
  const others = unmatched === 0 ? '' : ` ${unmatched} more were in the second load only.`;
  return {
    happened: `${equal} of ${pairs.length} tensors were the same in both loads, to the bit.${others} inv_freq is ${hasInvFreq ? 'among them' : 'not among them'}. And yet the logits differed by up to ${amount(numbers.logits)}; healthy against healthy, by ${amount(numbers.healthyLogits)}.`,
    details: (
      <>
        <FindingTable
          caption={`Two ways to come to ${PUBLISHED.tensors}`}
          columns={['What is counted', 'the model of the case', 'this model', 'has inv_freq?']}
          rows={[
            ['parameters in the checkpoint', REMEASURED.parameters, counts.checkpoint, 'no'],
            ['… and the buffer inv_freq', PUBLISHED.tensors, counts.withBuffer, 'yes'],
            [
              'state_dict(): parameters and the tied lm_head.weight',
              REMEASURED.stateDict,
              counts.stateDict,
              'no',
            ],
          ]}
        />
        <details>
          <summary>All {pairs.length} tensors and their hashes</summary>
          <FindingTable
            long
            caption="SHA-256 of the stored bytes, first twelve digits"
            columns={['Tensor', 'type', 'shape', 'first load', 'second load', 'equal']}
            rows={pairs.map((pair) => [
              pair.first.name,
              pair.first.dtype,
              pair.first.shape.join(' × '),
              pair.first.sha256?.slice(0, 12) ?? '–',
              pair.second?.sha256?.slice(0, 12) ?? '–',
              pair.equal ? 'yes' : 'no',
            ])}
          />
        </details>
      </>
    ),
  };
}
