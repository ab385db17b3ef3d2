import * as v from 'valibot';
import { type FaultKind, FAULTS } from '../core/faults';
import { isFault } from '../core/faultText';
import { type Guard, GUARDS } from '../core/guards';
import {
  laneSetting,
  lastFaultOf,
  type LaneSetting,
  type LaneSettings,
  LONGEST_NAME,
  MOST_LANES,
  pinnedFirst,
} from './lanes';
import {
  DEFAULT_SETTINGS,
  FEWEST_NEW_TOKENS,
  MOST_NEW_TOKENS,
  type RunSettings,
  runSettingsOf,
  type Settings,
} from './settings';

const LONGEST_STORED_PROMPT = 10_000;
const LONGEST_STORED_KEY = 40;

const kinds = v.picklist(Object.keys(FAULTS) as FaultKind[]);
const guards = v.picklist(Object.keys(GUARDS) as Guard[]);

const StoredFault = v.pipe(
  v.object({
    kind: kinds,
    parameters: v.exactOptional(v.record(v.string(), v.number())),
  }),
  v.check(isFault),
);

const StoredLane = v.pipe(
  v.object({
    key: v.pipe(v.string(), v.minLength(1), v.maxLength(LONGEST_STORED_KEY)),
    name: v.fallback(v.pipe(v.string(), v.maxLength(LONGEST_NAME)), ''),
    fault: StoredFault,
    guard: guards,
    pinned: v.fallback(v.boolean(), false),
    lastFault: v.exactOptional(v.fallback(v.nullable(StoredFault), null)),
  }),
  v.transform(({ lastFault, ...lane }): LaneSetting => ({
    ...lane,
    lastFault: lastFaultOf(lane.fault, lastFaultOf(lastFault ?? lane.fault)),
  })),
);

/** Lanes that can be read, without those that cannot. */
const StoredLanes = v.pipe(
  v.array(v.unknown()),
  v.transform((stored): LaneSettings => {
    const lanes = new Map<string, LaneSetting>();
    for (const candidate of stored) {
      const parsed = v.safeParse(StoredLane, candidate);
      if (parsed.success && lanes.size < MOST_LANES && !lanes.has(parsed.output.key)) {
        lanes.set(parsed.output.key, parsed.output);
      }
    }
    return pinnedFirst([...lanes.values()]);
  }),
  v.minLength(1),
);

/** Each field by itself: one that is missing or of another kind takes its default, the others are kept. */
const StoredSettings = v.pipe(
  v.object({
    prompt: v.fallback(
      v.pipe(v.string(), v.maxLength(LONGEST_STORED_PROMPT)),
      DEFAULT_SETTINGS.prompt,
    ),
    lanes: v.fallback(v.nullable(StoredLanes), null),
    /** The one damaged lane of a time when there were two. */
    fault: v.fallback(kinds, 'zero'),
    guard: v.fallback(guards, 'none'),
    mode: v.fallback(v.picklist(['free', 'teacher-forced']), DEFAULT_SETTINGS.mode),
    maxNewTokens: v.fallback(
      v.pipe(v.number(), v.integer(), v.minValue(FEWEST_NEW_TOKENS), v.maxValue(MOST_NEW_TOKENS)),
      DEFAULT_SETTINGS.maxNewTokens,
    ),
    executionProvider: v.fallback(
      v.picklist(['auto', 'webgpu', 'wasm']),
      DEFAULT_SETTINGS.executionProvider,
    ),
  }),
  v.transform(({ fault: kind, guard, lanes, ...settings }): Settings => ({
    ...settings,
    lanes: lanes ?? [laneSetting('lane-1', { fault: { kind }, guard })],
  })),
);

const STORAGE_KEY = 'rope-collapse-playground/settings';
const ASIDE_KEY = 'rope-collapse-playground/settings-aside';

export type SettingsStorage = Pick<Storage, 'getItem' | 'setItem'>;

/** The settings of the last visit; the defaults where there are none or they cannot be read. */
export function restoreSettings(storage: SettingsStorage): Settings {
  return restore(storage, STORAGE_KEY) ?? DEFAULT_SETTINGS;
}

/** Keeps the settings for the next visit, where the browser lets us. */
export function keepSettings(storage: SettingsStorage, settings: Settings): void {
  keep(storage, STORAGE_KEY, settings);
}

/** What was set before a link took its place, and was not brought back; null if there is none. */
export function restoreAside(storage: SettingsStorage): RunSettings | null {
  const aside = restore(storage, ASIDE_KEY);
  return aside && runSettingsOf(aside);
}

export function keepAside(storage: SettingsStorage, aside: RunSettings | null): void {
  keep(storage, ASIDE_KEY, aside);
}

function restore(storage: SettingsStorage, key: string): Settings | null {
  try {
    const stored: unknown = JSON.parse(storage.getItem(key) ?? 'null');
    const parsed = v.safeParse(StoredSettings, stored);
    return parsed.success ? parsed.output : null;
  } catch {
    return null;
  }
}

function keep(storage: SettingsStorage, key: string, settings: RunSettings | null): void {
  try {
    storage.setItem(key, JSON.stringify(settings));
  } catch {
    // A full or forbidden storage costs the next visit its settings, nothing else.
  }
}
