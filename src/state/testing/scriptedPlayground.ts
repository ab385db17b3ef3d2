import type { LaneSpec } from '../../core/lanes';
import { createScriptedEngine, type Script } from '../../engine/scriptedEngine';
import type { EngineApi } from '../../protocol/engineApi';
import { createPlayground } from '../playground';
import { recordOf } from '../run';
import type { SettingsStorage } from '../storedSettings';

export const HEALTHY_TEXT = [' Paris', '.', ' People', ' speak', ' French', '.'];
export const LOST_TEXT = [' Paris', ' is', ' Paris', ' is', ' Paris', ' is', ' Paris'];

const says = (_prompt: string, { fault, guard }: LaneSpec) =>
  fault.kind === 'zero' && guard === 'none' ? LOST_TEXT : HEALTHY_TEXT;

/** A clock that stands still until it is told to go on. */
function clock() {
  const waiting: (() => void)[] = [];
  let free = false;
  return {
    tick: () => (free ? Promise.resolve() : new Promise<void>((go) => waiting.push(go))),
    /** Lets one step happen, and all that follows from it. */
    async step(times = 1) {
      for (let i = 0; i < times; i++) {
        await settled();
        waiting.shift()?.();
      }
      await settled();
    },
    async letGo() {
      free = true;
      while (waiting.length > 0) waiting.shift()?.();
      await settled();
    },
  };
}

/** After everything that is ready to happen has happened. */
export const settled = () => new Promise<void>((resolve) => setTimeout(resolve));

/** @param text the settings of the last visit */
export function storageWith(text: string | null = null): SettingsStorage {
  const stored = new Map<string, string>();
  return {
    getItem: (key) => stored.get(key) ?? (key.endsWith('/settings') ? text : null),
    setItem: (key, value) => void stored.set(key, value),
  };
}

interface SetUp {
  readonly storage?: SettingsStorage;
  readonly loadError?: Script['loadError'];
  /** What else the engine's script says, of models above all. */
  readonly script?: Omit<Script, 'says' | 'tick' | 'loadError'>;
  readonly persist?: () => Promise<boolean>;
  readonly wrap?: (engine: EngineApi) => EngineApi;
}

/** A playground whose engine says what is written here, at the test's own pace. */
export function setUp({
  storage = storageWith(),
  loadError,
  script = {},
  persist,
  wrap = (engine) => engine,
}: SetUp = {}) {
  const time = clock();
  const engine = createScriptedEngine({
    ...script,
    says,
    tick: time.tick,
    ...(loadError === undefined ? {} : { loadError }),
  });
  const model = { id: 'scripted', location: 'https://example.test/models/scripted/' };
  const pauses: (() => void)[] = [];
  const pause = () => new Promise<void>((resume) => pauses.push(resume));
  const playground = createPlayground({
    engine: wrap(engine),
    storage,
    model,
    pause,
    ...(persist && { persist }),
  });
  const standStill = async () => {
    for (const resume of pauses.splice(0)) resume();
    await settled();
  };
  const now = () => playground.getState();
  const texts = () =>
    recordOf(now().run)?.lanes.map(({ steps }) => steps.map(({ text }) => text)) ?? [];
  return { time, engine, playground, now, texts, standStill };
}

/** With its model loaded. */
export async function setUpReady(options?: SetUp) {
  const world = setUp(options);
  const loading = world.now().load();
  await world.time.step(3);
  await loading;
  return world;
}
