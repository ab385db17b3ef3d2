import { REMEASURED } from '../caseFigures';
import type { Repair } from './repair';

export const zeroGuard: Repair = {
  number: 5,
  title: 'A guard in forward',
  prose: (
    <>
      <p>
        At the top of the rotary module’s forward: if <code>inv_freq</code> has no entry but zeros,
        compute it again. With exact zeros it fires, and the logits are bit-identical to those of{' '}
        {REMEASURED.older}.
      </p>
      <p>
        Loading leaves exact zeros only by chance. In {REMEASURED.guardLoads} of{' '}
        {REMEASURED.guardLoads} loads that nobody had prepared the guard stayed silent and the model
        stayed broken. What held every time asks nothing: fill the buffer in the module’s own{' '}
        <code>_init_weights</code>, or compute it once in the first forward.
      </p>
    </>
  ),
  diff: [
    '  def forward(self, x, position_ids):',
    '+     if not self.inv_freq.any():',
    '+         fresh, self.attention_scaling = self.rope_init_fn(self.config, x.device)',
    '+         self.register_buffer("inv_freq", fresh, persistent=False)',
  ],
  acts: 'on the numbers',
  here: 'The one repair that reaches the numbers: the lanes above run with it and without.',
};

/** What held in every load that was measured: either of the two. */
export const ALWAYS_DIFF: readonly string[] = [
  '  def _init_weights(self, module):',
  '+     if isinstance(module, RotaryEmbedding):',
  '+         fresh, module.attention_scaling = module.rope_init_fn(module.config)',
  '+         module.inv_freq.copy_(fresh)',
  '',
  '  def forward(self, x, position_ids):',
  '+     if not self.filled:  # or: once, whatever the buffer holds',
  '+         fresh, self.attention_scaling = self.rope_init_fn(self.config, x.device)',
  '+         self.register_buffer("inv_freq", fresh, persistent=False)',
  '+         self.filled = True',
];
