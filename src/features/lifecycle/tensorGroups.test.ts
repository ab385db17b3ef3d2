import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { simulateLoading } from '../../core/lifecycle';
import { USUAL_LOADING } from '../../core/lifecycleChoices';
import { INV_FREQ } from '../../core/lifecycleStates';
import { countStates, stateHistories, tensorGroups } from './tensorGroups';

const CONFIG = { headDim: 64, ropeTheta: 1_000_000, tieWordEmbeddings: true };

/** The tensors of a model with that many layers, three in each. */
const parametersOf = (layers: number) => [
  { name: 'model.embed_tokens.weight', shape: [1792, 192], dtype: 'F16' },
  { name: 'model.norm.weight', shape: [192], dtype: 'F16' },
  ...Array.from({ length: layers }, (_, layer) =>
    ['q', 'k', 'v'].map((projection) => ({
      name: `model.layers.${layer}.self_attn.${projection}_proj.weight`,
      shape: [192, 192],
      dtype: 'F16',
    })),
  ).flat(),
];

const loadingOf = (layers: number) =>
  simulateLoading('5.x', USUAL_LOADING, CONFIG, parametersOf(layers));

describe('tensorGroups', () => {
  it('shows every tensor once, the layers in order of their number', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 30 }), (layers) => {
        const { tensors } = loadingOf(layers);
        const groups = tensorGroups(tensors.toReversed());
        expect(
          groups
            .flatMap((group) => group.tensors)
            .map(({ name }) => name)
            .sort(),
        ).toEqual(tensors.map(({ name }) => name).sort());
        expect(groups.map(({ label }) => label)).toEqual([
          'Buffer and tied head',
          'Outside the layers',
          ...Array.from({ length: layers }, (_, layer) => `Layer ${layer}`),
        ]);
      }),
    );
  });
});

describe('countStates', () => {
  it('adds up to the tensors, the most frequent state first', () => {
    const { tensors, steps } = loadingOf(4);
    const loaded = steps[2];
    expect(loaded?.id).toBe('load');
    const counts = countStates(tensors, loaded?.states ?? new Map());
    expect(counts).toEqual([
      ['from-checkpoint', 14],
      ['meta', 2],
    ]);
  });
});

describe('stateHistories', () => {
  it('tell the buffer, the tied head and the checkpoint apart, whatever the size of the model', () => {
    for (const layers of [4, 24]) {
      const { tensors, steps } = loadingOf(layers);
      const histories = stateHistories(tensors, steps);
      expect(histories.map(({ names }) => names.length)).toEqual([1, 2 + 3 * layers, 1]);
      expect(histories[0]).toEqual({
        names: [INV_FREQ],
        states: ['absent', 'meta', 'meta', 'empty', 'empty', 'empty', 'empty'],
      });
      expect(histories[2]?.names).toEqual(['lm_head.weight']);
    }
  });
});
