import { largestDifference, amount, LOST_LANE, TWO_WORLDS } from '../readings';
import { rotate, type RotaryTables } from '../../../core/rope';
import type { PositionTrace } from '../../../protocol/inspection';
import type { Laboratory } from '../../../state/laboratory';
import { HOW_THEN, PUBLISHED } from '../caseFigures';
import { FindingTable } from '../FindingTable';
import type { Finding, Lesson } from '../lesson';

export const applyRotary: Lesson = {
  slug: 'apply-rotary',
  title: 'Is the rotation function different?',
  prose: (
    <>
      <p>
        The logits are wrong from the first new token on, and the library has changed. So the first
        suspect is the function that turns queries and keys, <code>apply_rotary_pos_emb</code>: a
        swapped sign or another pairing would explain everything.
      </p>
      <p>
        The check takes a query that the model has computed and the tables of cosines and sines of
        its position, calls the function in both worlds with the same input, and compares what comes
        out.
      </p>
    </>
  ),
  question: 'Same query, same tables, called in both worlds: what comes out?',
  answers: [
    { id: 'same', label: 'The same numbers, bit for bit' },
    { id: 'rounding', label: 'The same up to rounding' },
    { id: 'other', label: 'Other numbers: this is the fault' },
  ],
  experiment: async (laboratory) => findingOf(await measureApplyRotary(laboratory)),
  then: {
    verdict: (
      <p>
        Ruled out by reading: the function is defined in the model’s own file and takes nothing from
        the library, so it is the same text in every version.
      </p>
    ),
    how: HOW_THEN,
  },
  measured: {
    agreement: 'agrees',
    verdict: (
      <p>
        Nothing contradicts it. The rotation that this page applies is compared with PyTorch’s own
        queries and keys, before and after it, in the project’s tests. What the step could not show:
        a function is only as good as the tables that it is given.
      </p>
    ),
    how: `Measured here: golden outputs of transformers ${PUBLISHED.older} for the bundled model.`,
  },
  playground: { lanes: [LOST_LANE], view: 'tables' },
};

/** Largest differences over all heads of the first layer, at the prompt's last position. */
export interface ApplyRotaryNumbers {
  /** Between the lanes' queries before the rotation. */
  readonly input: number;
  /** Between the function's output with healthy tables and what the healthy lane computed. */
  readonly healthyTables: number;
  /** The faulty lane's query with healthy tables, against what the healthy lane computed. */
  readonly sameTables: number;
  /** Between the function's output with zero-frequency tables and what the faulty lane computed. */
  readonly lostTables: number;
  /** Between the two lanes, each with its own tables. */
  readonly ownTables: number;
}

export async function measureApplyRotary(laboratory: Laboratory): Promise<ApplyRotaryNumbers> {
  const { config } = await laboratory.model();
  const run = await laboratory.run({
    prompt: PUBLISHED.prompt,
    lanes: TWO_WORLDS,
    maxNewTokens: 1,
    topK: 1,
  });
  const position = run.prompt.length - 1;
  const healthy = await run.trace({ lane: 0, position });
  const lost = await run.trace({ lane: 1, position });
  const size = config.numAttentionHeads * config.headDim;
  const before = (trace: PositionTrace) => trace.query.before.subarray(0, size);
  const after = (trace: PositionTrace) => trace.query.after.subarray(0, size);
  const turned = (trace: PositionTrace, tables: PositionTrace) =>
    rotatedHeads(before(trace), config.headDim, tablesOf(tables));
  return {
    input: largestDifference(before(healthy), before(lost)),
    healthyTables: largestDifference(turned(healthy, healthy), after(healthy)),
    sameTables: largestDifference(turned(lost, healthy), after(healthy)),
    lostTables: largestDifference(turned(lost, lost), after(lost)),
    ownTables: largestDifference(after(healthy), after(lost)),
  };
}

/** One row: the position that the trace is of. */
function tablesOf({ cos, sin }: PositionTrace): RotaryTables {
  return { positions: 1, pairs: cos.length, cos, sin };
}

/** The function under suspicion, on every head of one layer: [heads, headDim]. */
function rotatedHeads(vectors: Float32Array, headDim: number, tables: RotaryTables): Float32Array {
  const rotated = new Float32Array(vectors.length);
  for (let start = 0; start < vectors.length; start += headDim) {
    rotated.set(rotate(vectors.subarray(start, start + headDim), tables, 0), start);
  }
  return rotated;
}

function findingOf(numbers: ApplyRotaryNumbers): Finding {
  return {
    happened: `With the same tables the outputs of the two worlds differed by ${amount(numbers.sameTables)}. With each world’s own tables they differed by up to ${amount(numbers.ownTables)}.`,
    details: (
      <FindingTable
        caption="Queries of the first layer at the last position of the prompt, largest difference"
        columns={['What was rotated', 'With the tables of', 'Compared with', 'max |Δ|']}
        rows={[
          ['healthy lane’s query', 'healthy', 'the healthy lane', amount(numbers.healthyTables)],
          ['faulty lane’s query', 'healthy', 'the healthy lane', amount(numbers.sameTables)],
          ['faulty lane’s query', 'faulty', 'the faulty lane', amount(numbers.lostTables)],
          ['each lane’s query', 'its own', 'each other', amount(numbers.ownTables)],
          ['nothing: the queries as they come in', '–', 'each other', amount(numbers.input)],
        ]}
      />
    ),
  };
}
