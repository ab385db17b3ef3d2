import { PUBLISHED } from '../caseFigures';
import type { Repair } from './repair';

export const plainFrequencies: Repair = {
  number: 2,
  title: 'A formula that is no longer kept for you',
  prose: (
    <p>
      <code>ROPE_INIT_FUNCTIONS["default"]</code> is gone in 5.x. The plain formula is short enough
      to stand in the model’s own file.
    </p>
  ),
  diff: [
    '+ def plain_frequencies(config, device=None):',
    '+     exponents = torch.arange(0, config.head_dim, 2, device=device) / config.head_dim',
    '+     return 1.0 / config.rope_theta**exponents, 1.0  # and the attention scaling',
    '',
    '- self.rope_init_fn = ROPE_INIT_FUNCTIONS["default"]',
    '+ self.rope_init_fn = plain_frequencies',
  ],
  acts: 'on loading',
  here: `The same formula: this page computes its frequencies by it. They begin ${PUBLISHED.invFreq}, with the repair and without, because both spell the same powers.`,
};
