import { bundleOf, formatBundle } from '../../repro/bundle';
import { reproOf } from '../../repro/expectation';
import { linkTo } from '../../repro/link';
import { markdownOf } from '../../repro/markdown';
import type { FinishedRun, View } from '../../repro/repro';
import { APP_VERSION } from '../../state/appVersion';

/** A run that has ended, and how it is looked at: what is passed on, whatever has been set since. */
export interface ShownRun {
  readonly run: FinishedRun;
  readonly view: View;
  readonly pinnedStep: number | null;
}

/** @throws Failure link-too-large */
export function linkOf({ run, ...looking }: ShownRun): string {
  return linkTo(window.location.href, reproOf(run, { appVersion: APP_VERSION, ...looking }));
}

/** @throws Failure link-too-large */
export function markdownWithLink(shown: ShownRun): string {
  return markdownOf(shown.run, { link: linkOf(shown), appVersion: APP_VERSION });
}

/** @throws Failure bundle-too-large */
export function jsonOf({ run, ...looking }: ShownRun): Blob {
  const bundle = bundleOf(run, { appVersion: APP_VERSION, createdAt: Date.now(), ...looking });
  return new Blob([formatBundle(bundle)], { type: 'application/json' });
}
