import { HEALTHY_LANE } from '../core/lanes';
import type { LoadRequest, RunMode } from '../protocol/engineApi';
import { alike, DEFAULT_LANES, type LaneSettings, type NamedLane } from './lanes';

/** What a run is made from. */
export interface RunSettings {
  readonly prompt: string;
  /** The lanes after the first, which is always healthy: 1 to 7, the pinned ones in front. */
  readonly lanes: LaneSettings;
  readonly mode: RunMode;
  readonly maxNewTokens: number;
}

export type ExecutionProviderChoice = LoadRequest['executionProvider'];

/** What the visitor has set now. */
export interface Settings extends RunSettings {
  readonly executionProvider: ExecutionProviderChoice;
}

export const FEWEST_NEW_TOKENS = 1;
export const MOST_NEW_TOKENS = 192;

export const DEFAULT_SETTINGS: Settings = {
  prompt: 'The capital of France is',
  lanes: DEFAULT_LANES,
  mode: 'free',
  maxNewTokens: 32,
  executionProvider: 'auto',
};

/** The lanes of a run: a healthy one, and those that the visitor damages and mends. */
export function lanesOf({ lanes }: Pick<RunSettings, 'lanes'>): readonly NamedLane[] {
  return [HEALTHY_LANE, ...lanes.map(({ name, fault, guard }) => ({ name, fault, guard }))];
}

/** Without anything that does not make the run. */
export function runSettingsOf({ prompt, lanes, mode, maxNewTokens }: RunSettings): RunSettings {
  return { prompt, lanes, mode, maxNewTokens };
}

/** Do they say the same? Keys and pins of lanes do not matter, their names do. */
export function sameSettings(a: RunSettings, b: RunSettings): boolean {
  return (
    a.prompt === b.prompt &&
    a.mode === b.mode &&
    a.maxNewTokens === b.maxNewTokens &&
    a.lanes.length === b.lanes.length &&
    a.lanes.every((lane, i) => {
      const other = b.lanes[i];
      return other !== undefined && alike(lane, other) && lane.name === other.name;
    })
  );
}
