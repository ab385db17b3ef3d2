import * as v from 'valibot';
import { createStore, type StoreApi } from 'zustand/vanilla';
import type { SettingsStorage } from './storedSettings';

/** What a visitor has done with one step of the investigation. */
export interface SeenStep {
  /** The answer that was chosen beforehand; null: the visitor asked to be shown. */
  readonly expected: string | null;
}

export interface Progress {
  /** By the step's slug; a step that is not in it has not been seen. */
  readonly seen: Readonly<Record<string, SeenStep>>;
  /** The step has been run or shown. What was expected the first time stays. */
  readonly see: (slug: string, expected: string | null) => void;
  readonly startOver: () => void;
}

const STORAGE_KEY = 'rope-collapse-playground/learn';
const MOST_STEPS = 64;
const Name = v.pipe(v.string(), v.regex(/^[a-z0-9-]{1,40}$/));

/** Of another version or damaged: as if there were none. A step that cannot be read costs no other. */
const Stored = v.pipe(
  v.object({ version: v.literal(1), seen: v.record(v.string(), v.unknown()) }),
  v.transform(({ seen }): Progress['seen'] => {
    const readable = Object.entries(seen)
      .slice(0, MOST_STEPS)
      .flatMap(([slug, step]) => {
        const parsed = v.safeParse(v.object({ expected: v.nullable(Name) }), step);
        return v.is(Name, slug) && parsed.success ? [[slug, parsed.output] as const] : [];
      });
    return Object.fromEntries(readable);
  }),
);

/** How far a visitor has come, kept in this browser and nowhere else. */
export function createProgress(storage: SettingsStorage): StoreApi<Progress> {
  const store = createStore<Progress>()((set) => ({
    seen: restore(storage),
    see: (slug, expected) =>
      set(({ seen }) => ({
        seen: { ...seen, [slug]: { expected: seen[slug]?.expected ?? expected } },
      })),
    startOver: () => set({ seen: {} }),
  }));
  store.subscribe(({ seen }) => {
    try {
      storage.setItem(STORAGE_KEY, JSON.stringify({ version: 1, seen }));
    } catch {
      // Where nothing can be kept, progress lasts until the page is left.
    }
  });
  return store;
}

function restore(storage: SettingsStorage): Progress['seen'] {
  try {
    const stored: unknown = JSON.parse(storage.getItem(STORAGE_KEY) ?? 'null');
    const parsed = v.safeParse(Stored, stored);
    return parsed.success ? parsed.output : {};
  } catch {
    return {};
  }
}
