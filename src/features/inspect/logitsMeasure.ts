import type { StepDistribution } from '../../core/distribution';
import { numberText } from '../../ui/figure/numberText';

/** What is drawn along the text. */
export type Measure = keyof StepDistribution;

interface MeasureText {
  /** On the control. */
  readonly label: string;
  readonly unit: string | null;
  /** On the axis, with its unit. */
  readonly axis: string;
  /** In a sentence, without its value. */
  readonly name: string;
}

export const MEASURES: Readonly<Record<Measure, MeasureText>> = {
  kl: { label: 'KL', unit: 'nats', axis: 'KL(healthy ‖ lane), nats', name: 'KL(healthy ‖ lane)' },
  entropy: { label: 'Entropy', unit: 'nats', axis: 'entropy, nats', name: 'entropy' },
  rank: {
    label: 'Rank',
    unit: null,
    axis: 'rank of the healthy token',
    name: 'rank of the healthy token',
  },
  probability: {
    label: 'Probability',
    unit: null,
    axis: 'probability of the healthy token',
    name: 'its probability',
  },
};

/** In the order in which they are offered. */
export const ALL_MEASURES: readonly Measure[] = ['kl', 'entropy', 'rank', 'probability'];

/** A value with its unit: "0.42 nats". Null is said to be unknown. */
export function measureText(measure: Measure, value: number | null | undefined): string {
  if (value === null || value === undefined) return UNKNOWN;
  const { unit } = MEASURES[measure];
  return unit === null ? numberText(value) : `${numberText(value)} ${unit}`;
}

/** Where there is nothing to compare: the healthy lane has ended, or a logit is not a number. */
const UNKNOWN = 'not known';
