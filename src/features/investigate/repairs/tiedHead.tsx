import type { Repair } from './repair';

export const tiedHead: Repair = {
  number: 3,
  title: 'A list that has to be a dictionary',
  prose: (
    <p>
      The output head shares the embedding’s weights, so the checkpoint holds them once. In 5.x{' '}
      <code>_tied_weights_keys</code> must say which tensor the head is tied to; with a mere list
      the head is left uninitialised.
    </p>
  ),
  diff: [
    '- _tied_weights_keys = ["lm_head.weight"]',
    '+ _tied_weights_keys = {"lm_head.weight": "model.embed_tokens.weight"}',
  ],
  acts: 'on loading',
  here: 'This page ties by config.json, and the file of its model holds no lm_head.weight either; so there is no switch here that could untie it, and no number changes.',
};
