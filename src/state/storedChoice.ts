import * as v from 'valibot';
import { DEFAULT_HUB, PACKINGS } from '../protocol/models';
import { isCommit, isHubAddress, isRepositoryId } from '../repro/hub';
import type { ModelChoice } from './modelChoice';
import type { SettingsStorage } from './storedSettings';

const CHOICE_KEY = 'rope-collapse-playground/model';
const HUB_KEY = 'rope-collapse-playground/hub';

/** Of a hub only: files of the visitor's machine are not this page's to keep. */
const StoredChoice = v.pipe(
  v.object({
    hub: v.pipe(v.string(), v.check(isHubAddress)),
    id: v.pipe(v.string(), v.check(isRepositoryId)),
    commit: v.pipe(v.string(), v.check(isCommit)),
    packing: v.nullable(v.picklist(PACKINGS)),
    bytes: v.nullable(v.pipe(v.number(), v.integer(), v.minValue(1))),
  }),
  v.transform(({ hub, id, commit, packing, bytes }): ModelChoice => ({
    id,
    reference: { kind: 'hub', hub, id, revision: commit },
    packing,
    bytes,
  })),
);

/** The model of a hub that was chosen last; null if there is none, or it cannot be read. */
export function restoreChoice(storage: SettingsStorage): ModelChoice | null {
  const parsed = v.safeParse(StoredChoice, read(storage, CHOICE_KEY));
  return parsed.success ? parsed.output : null;
}

export function keepChoice(storage: SettingsStorage, { reference, packing, bytes }: ModelChoice) {
  const ofHub =
    reference.kind === 'hub' && isCommit(reference.revision)
      ? { hub: reference.hub, id: reference.id, commit: reference.revision, packing, bytes }
      : null;
  // A first visit has none: the page is then what was rendered beforehand.
  if (ofHub !== null || read(storage, CHOICE_KEY) !== null) write(storage, CHOICE_KEY, ofHub);
}

/** Address of the hub that the visitor asks. */
export function restoreHub(storage: SettingsStorage): string {
  const hub = read(storage, HUB_KEY);
  return typeof hub === 'string' && isHubAddress(hub) ? hub : DEFAULT_HUB;
}

export function keepHub(storage: SettingsStorage, hub: string): void {
  write(storage, HUB_KEY, hub);
}

function read(storage: SettingsStorage, key: string): unknown {
  try {
    return JSON.parse(storage.getItem(key) ?? 'null') as unknown;
  } catch {
    return null;
  }
}

function write(storage: SettingsStorage, key: string, value: unknown): void {
  try {
    storage.setItem(key, JSON.stringify(value));
  } catch {
    // A full or forbidden storage costs the next visit its model, nothing else.
  }
}
