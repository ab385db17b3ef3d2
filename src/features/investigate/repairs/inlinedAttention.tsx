import { PUBLISHED } from '../caseFigures';
import type { Repair } from './repair';

export const inlinedAttention: Repair = {
  number: 4,
  title: 'Attention without enable_gqa',
  prose: (
    <p>
      The call of SDPA moves into the model’s file, so that <code>enable_gqa</code> is never passed
      where every query head has a key and value head of its own. The published logit stayed at{' '}
      {PUBLISHED.faultyLogit}; measured later, the flag changed no bit on a CPU.
    </p>
  ),
  diff: [
    '- attend = ALL_ATTENTION_FUNCTIONS["sdpa"]  # may add enable_gqa=True',
    '- mixed, weights = attend(self, query, key, value, mask, scaling=self.scaling)',
    '+ mixed = F.scaled_dot_product_attention(query, key, value, mask, scale=self.scaling)',
    '+ mixed = mixed.transpose(1, 2)',
  ],
  acts: 'on the kernel',
  here: 'There is no such flag here. The nearest experiment takes another kernel altogether: the fused graph against the eager one, in every lane.',
};
