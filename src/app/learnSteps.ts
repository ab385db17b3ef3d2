import { LESSONS } from '../features/investigate/lessons';
import { REPAIRS_SLUG } from '../features/investigate/repairs/RepairsPage';
import type { Step } from '../features/investigate/StepList';

export const CASE_SLUG = 'case';
export const LIFECYCLE_SLUG = 'lifecycle';

/** The page's steps in their order, by the fragments that link to them. */
export const STEPS: readonly Step[] = [
  { slug: CASE_SLUG, title: 'The case', mark: '?' },
  ...LESSONS.map(({ slug, title }, i) => ({ slug, title, mark: String(i + 1) })),
  { slug: REPAIRS_SLUG, title: 'The five repairs', mark: 'R' },
  { slug: LIFECYCLE_SLUG, title: 'The loading lifecycle', mark: 'L' },
];

export interface Place {
  readonly step: Step;
  /** Of one repair, where the fragment names it. */
  readonly anchor: string | null;
  /** Is there nothing that the fragment names? Then the place is the first step. */
  readonly unknown: boolean;
}

/** What a fragment leads to: a step by its slug, a repair as `repair-3`. */
export function placeOf(fragment: string): Place {
  const repair = /^repair-[1-5]$/.test(fragment);
  const slug = repair ? REPAIRS_SLUG : fragment;
  const found = STEPS.find((step) => step.slug === slug);
  const [first] = STEPS;
  if (first === undefined) throw new Error('there are no steps');
  return {
    step: found ?? first,
    anchor: repair ? fragment : null,
    unknown: found === undefined && fragment !== '',
  };
}
