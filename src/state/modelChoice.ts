import {
  DEFAULT_HUB,
  type ModelReference,
  type Packing,
  type StoredModel,
} from '../protocol/models';
import type { ReproModel } from '../repro/repro';
import { packingOf } from '../repro/reproModel';

export type HubReference = Extract<ModelReference, { kind: 'hub' }>;

/** Which model the page runs, or is to run. */
export interface ModelChoice {
  /** Name under which it is shown: owner/name for a model of a hub. */
  readonly id: string;
  readonly reference: ModelReference;
  /** Null: what is recommended for it, as long as nobody has loaded it. */
  readonly packing: Packing | null;
  /** What there is to fetch of it; null where nobody has said. */
  readonly bytes: number | null;
}

/** The model that the page comes with: as it is stored, which is what its recorded run and the links to it are of. */
export function bundledChoice(id: string, location: string): ModelChoice {
  return { id, reference: { kind: 'directory', location }, packing: 'keep', bytes: null };
}

/** The same files, held alike? */
export function sameChoice(a: ModelChoice, b: ModelChoice): boolean {
  return a.packing === b.packing && sameReference(a.reference, b.reference);
}

export function sameReference(a: ModelReference, b: ModelReference): boolean {
  switch (a.kind) {
    case 'directory':
      return b.kind === 'directory' && a.location === b.location;
    case 'hub':
      return b.kind === 'hub' && a.hub === b.hub && a.id === b.id && a.revision === b.revision;
    case 'files':
      return b.kind === 'files' && a.files === b.files;
  }
}

/** Where a link says that its model is; null for a model of no hub. */
export function referenceOf({ hub, commit, id }: ReproModel): HubReference | null {
  if (hub === undefined || commit === undefined) return null;
  return { kind: 'hub', hub, id, revision: commit };
}

/** Is it the model that a link names, whatever its weights turn out to be? */
export function isNamedBy(choice: ModelChoice, model: ReproModel): boolean {
  if (choice.packing !== packingOf(model)) return false;
  const reference = referenceOf(model);
  return reference === null
    ? choice.reference.kind !== 'hub' && choice.id === model.id
    : sameReference(choice.reference, reference);
}

/** Is this what is stored of it? */
export function isStoredAs({ reference }: ModelChoice, stored: StoredModel): boolean {
  return sameReference(reference, storedReference(stored));
}

export function storedReference({ hub, id, commit }: StoredModel): HubReference {
  return { kind: 'hub', hub, id, revision: commit };
}

/** Where a model of a hub is, in one line: its hub is named where it is not the usual one. */
export function placeOf({ hub, id }: HubReference): string {
  return hub === DEFAULT_HUB ? id : `${hub}/${id}`;
}
