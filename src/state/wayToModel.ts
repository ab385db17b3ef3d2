import type { ModelSurvey } from '../protocol/models';
import type { ReproModel } from '../repro/repro';
import { packingOf, sameModel, sameWeights } from '../repro/reproModel';
import type { ModelState } from './modelActions';
import {
  type HubReference,
  isNamedBy,
  type ModelChoice,
  referenceOf,
  sameChoice,
} from './modelChoice';

/** What the visitor is asked before the model of a link is loaded. */
export type ModelQuestion =
  /** It is of a hub, of which nothing has been asked yet. */
  | { readonly kind: 'hub'; readonly reference: HubReference }
  /** The hub was asked, and more is to be fetched than the link says. */
  | { readonly kind: 'larger'; readonly survey: ModelSurvey }
  /** It is of no hub: somebody's files, which this visitor may have. */
  | { readonly kind: 'files' };

/** How the page comes to the model of a link. */
export type WayToModel =
  /** It is here, or on its way. */
  | { readonly kind: 'here' }
  /** It can be had without asking anybody: the bundled one, or the same files held otherwise. */
  | { readonly kind: 'switch'; readonly choice: ModelChoice }
  | { readonly kind: 'ask'; readonly question: ModelQuestion };

/** More than the link says by this much is asked about again: hubs count in their own way, and files come and go. */
const TOLERANCE = 1.1;

export function wayToModel(
  wanted: ReproModel,
  { model, choice, bundled }: Pick<ModelState, 'model' | 'choice' | 'bundled'>,
): WayToModel {
  const loaded = model.status === 'ready' ? model.model : null;
  if (loaded !== null && sameModel(wanted, loaded)) return { kind: 'here' };
  if (isNamedBy(bundled, wanted)) {
    return sameChoice(choice, bundled) ? { kind: 'here' } : { kind: 'switch', choice: bundled };
  }
  if (model.status !== 'failed' && isNamedBy(choice, wanted)) return { kind: 'here' };
  const reference = referenceOf(wanted);
  if (reference !== null) return { kind: 'ask', question: { kind: 'hub', reference } };
  if (loaded !== null && sameWeights(wanted, loaded) && choice.reference.kind === 'files') {
    return { kind: 'switch', choice: { ...choice, packing: packingOf(wanted) } };
  }
  return { kind: 'ask', question: { kind: 'files' } };
}

/** Is more to be fetched than the visitor has agreed to? */
export function isLarger(survey: ModelSurvey, claimed: number | undefined): boolean {
  const { totalBytes, storedBytes, origin } = survey;
  if (origin.kind !== 'hub' || storedBytes >= totalBytes) return false;
  return claimed === undefined || totalBytes > claimed * TOLERANCE;
}
