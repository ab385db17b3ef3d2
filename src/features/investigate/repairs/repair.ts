import type { ReactNode } from 'react';

/** The five repairs, by their numbers in the published account. */
export type RepairNumber = 1 | 2 | 3 | 4 | 5;

/** One of them. */
export interface Repair {
  readonly number: RepairNumber;
  readonly title: string;
  /** What broke, and what the repair does. */
  readonly prose: ReactNode;
  /** Lines of Python, each after its sign and a space: `-` goes, `+` comes, a blank stays. */
  readonly diff: readonly string[];
  /** What it acts on. */
  readonly acts: 'on loading' | 'on the kernel' | 'on the numbers';
  /** What can be said of it on the model of this page. */
  readonly here: ReactNode;
}
