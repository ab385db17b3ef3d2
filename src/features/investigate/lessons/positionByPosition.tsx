import type { TensorDifference } from '../../../protocol/inspection';
import type { TextToken } from '../../../protocol/engineApi';
import type { Laboratory } from '../../../state/laboratory';
import { TokenText } from '../../../ui/TokenText';
import { HOW_THEN, PUBLISHED } from '../caseFigures';
import { FindingTable } from '../FindingTable';
import type { Finding, Lesson } from '../lesson';
import { amount, LOST_LANE, TWO_WORLDS } from '../readings';

export const positionByPosition: Lesson = {
  slug: 'position-by-position',
  title: 'Queries and keys, position by position',
  prose: (
    <>
      <p>
        Same weights, same function, and the fault sits before attention. What enters attention are
        queries and keys: record them in every layer, in both worlds, and look not at one number but
        at each position by itself.
      </p>
      <p>
        A fault in a projection or a norm would hit every token. A fault in the positions has a
        signature of its own, because rotary embedding leaves one position alone.
      </p>
    </>
  ),
  question: 'At which positions do queries and keys differ between the two worlds?',
  answers: [
    { id: 'all', label: 'At all of them' },
    { id: 'not-first', label: 'At all but the first' },
    { id: 'last', label: 'Only at the last, where the answer is made' },
    { id: 'none', label: 'At none' },
  ],
  experiment: async (laboratory) => findingOf(await measurePositions(laboratory)),
  then: {
    verdict: (
      <p>
        Position 0 was equal, positions 1 to 4 were not. RoPE turns position 0 by nothing whatever
        its frequencies, so this is RoPE: the first step that pointed at the right place.
      </p>
    ),
    how: HOW_THEN,
  },
  measured: {
    agreement: 'agrees',
    verdict: (
      <p>
        The same here, and stronger than it sounds: at position 0 the difference is not small but
        exactly zero, in every layer. The first token sees only itself, so nothing that later
        positions get wrong can reach it.
      </p>
    ),
    how: 'Measured here: the experiment above, on the model of this page.',
  },
  playground: { lanes: [LOST_LANE], view: 'queries-and-keys' },
};

/** Largest differences over all heads, by layer and position: [layers][positions]. */
export interface PositionNumbers {
  readonly prompt: readonly TextToken[];
  readonly query: readonly (readonly number[])[];
  readonly key: readonly (readonly number[])[];
  /** Of the first layer's queries before the rotation, by position. */
  readonly before: readonly number[];
}

export async function measurePositions(laboratory: Laboratory): Promise<PositionNumbers> {
  const { prompt, difference } = await laboratory.run({
    prompt: PUBLISHED.prompt,
    lanes: TWO_WORLDS,
    maxNewTokens: 1,
    topK: 1,
  });
  const lanes = { lane: 1, against: 0 };
  const query = await difference({ ...lanes, tensor: 'query', stage: 'after' });
  const key = await difference({ ...lanes, tensor: 'key', stage: 'after' });
  const before = await difference({ ...lanes, tensor: 'query', stage: 'before' });
  return { prompt, query: byLayer(query), key: byLayer(key), before: byLayer(before)[0] ?? [] };
}

function byLayer({ layers, positions, overHeads }: TensorDifference): number[][] {
  return Array.from({ length: layers }, (_, layer) =>
    Array.from(overHeads.subarray(layer * positions, (layer + 1) * positions)),
  );
}

/** Over all layers, at one position. */
function largestAt(layers: readonly (readonly number[])[], position: number): number {
  return Math.max(...layers.map((layer) => layer[position] ?? Number.NaN));
}

function findingOf({ prompt, query, key, before }: PositionNumbers): Finding {
  const first = Math.max(largestAt(query, 0), largestAt(key, 0));
  const later = prompt.slice(1).map((_, i) => largestAt([...query, ...key], i + 1));
  const least = Math.min(...later);
  return {
    happened: `At position 0 queries and keys differed by ${amount(first)}; at every later one by ${amount(least)} or more.`,
    details: (
      <FindingTable
        caption="Largest difference between healthy and faulty lane, over all heads"
        columns={[
          'Position',
          'token',
          'q before rotation, layer 0',
          'q after, layer 0',
          'q after, all layers',
          'k after, all layers',
        ]}
        rows={prompt.map((token, position) => [
          position,
          <TokenText key={position} text={token.text} label={token.label} />,
          amount(before[position] ?? Number.NaN),
          amount(query[0]?.[position] ?? Number.NaN),
          amount(largestAt(query, position)),
          amount(largestAt(key, position)),
        ])}
      />
    ),
  };
}
