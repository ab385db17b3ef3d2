import type { ReactNode } from 'react';
import type { LaneSpec } from '../../core/lanes';
import type { View } from '../../repro/repro';
import type { Laboratory } from '../../state/laboratory';

/** What an experiment found. */
export interface Finding {
  /** One or two sentences with the numbers of this run: what stands beside the expectation. */
  readonly happened: string;
  /** The numbers themselves. */
  readonly details: ReactNode;
}

export type Experiment = (laboratory: Laboratory) => Promise<Finding>;

/** One answer of a prediction. None is right: it is set beside what happened. */
export interface Answer {
  /** Kept with the progress: it never changes. */
  readonly id: string;
  readonly label: string;
}

/** What was found at one time, and how. */
export interface Account {
  readonly verdict: ReactNode;
  /** One sentence: with what it was obtained. */
  readonly how: string;
}

/** One step of the investigation. */
export interface Lesson {
  /** The fragment that links to it: it never changes. */
  readonly slug: string;
  readonly title: string;
  /** What the engineers thought, and what could settle it. */
  readonly prose: ReactNode;
  readonly question: string;
  /** Two to four. */
  readonly answers: readonly Answer[];
  readonly experiment: Experiment;
  /** What the published account concluded. */
  readonly then: Account;
  /** What was measured later with the real libraries. */
  readonly measured: Account & {
    readonly agreement: 'agrees' | 'adds' | 'contradicts';
  };
  /** The lanes, and the view, that show it in the playground. */
  readonly playground: { readonly lanes: readonly LaneSpec[]; readonly view: View };
}
