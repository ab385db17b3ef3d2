import type { RepairNumber } from './repair';

/** How far the published model comes under transformers 5.x with some of the repairs. */
export interface Loading5 {
  readonly reaches: 'import' | 'construction' | 'logits without a head' | 'logits';
  readonly sentence: string;
}

/** The first thing that is missing decides. The fourth and the fifth repair are about what comes after loading. */
export function loadingUnder5(applied: ReadonlySet<RepairNumber>): Loading5 {
  if (!applied.has(1)) {
    return { reaches: 'import', sentence: 'It stops at the import: there is no LossKwargs.' };
  }
  if (!applied.has(2)) {
    return {
      reaches: 'construction',
      sentence: 'It stops while the model is built: the table of formulas has no “default”.',
    };
  }
  if (!applied.has(3)) {
    return {
      reaches: 'logits without a head',
      sentence:
        'It loads and runs, with an output head that nobody has filled: no logit means anything.',
    };
  }
  return { reaches: 'logits', sentence: 'It loads, its head is tied, and it computes logits.' };
}
