import { firstDivergence } from '../core/divergence';
import type { AppError, ErrorCode } from '../core/errors';
import type { LaneRotation } from '../core/lanes';
import type {
  LaneStep,
  LoadedModel,
  RunEvent,
  RunSummary,
  StopReason,
  TextToken,
} from '../protocol/engineApi';
import type { Repro } from '../repro/repro';
import { alike, type LaneSetting, type NamedLane, withLaneChanged } from './lanes';
import { lanesOf, type RunSettings, runSettingsOf } from './settings';

/** A run that came from elsewhere, or that the visitor comes back to. */
export interface Opened {
  readonly repro: Repro;
  /** 'own': by going back or forward to it, or by loading the page again. */
  readonly from: 'link' | 'file' | 'own';
}

/** Why a run was begun. */
export type Origin =
  /** The visitor pressed Run. */
  | { readonly by: 'press' }
  /** A lane or the mode was changed. */
  | { readonly by: 'change' }
  /** What comes of it is compared with what it expects. */
  | {
      readonly by: 'opening';
      readonly opened: Opened;
      /** Has the visitor agreed to run it with other weights than its own? */
      readonly anyWeights: boolean;
    };

/** A run that is to be made. */
export interface RunOrder extends RunSettings {
  readonly origin: Origin;
}

export interface LaneRecord {
  readonly spec: NamedLane;
  /** Null until the run has started. */
  readonly rotation: LaneRotation | null;
  readonly steps: readonly LaneStep[];
  /** Why it ended; null while it may go on. */
  readonly stopped: StopReason | null;
}

/** A run as far as it came, with what it was made from. What the visitor sets afterwards does not touch it. */
export interface RunRecord {
  readonly runId: number;
  readonly origin: Origin;
  readonly settings: RunSettings;
  readonly model: LoadedModel;
  /** What there was to fetch of it; null where nobody has said. */
  readonly modelBytes: number | null;
  /** The prompt's tokens; empty until the run has started. */
  readonly prompt: readonly TextToken[];
  /** The first is the lane that the others are compared with. */
  readonly lanes: readonly LaneRecord[];
  /** Null until the engine has given it. */
  readonly summary: RunSummary | null;
}

/** What strips show of a run: of one that was recorded elsewhere as well. */
export type DecodedRun = Pick<RunRecord, 'runId' | 'settings' | 'prompt' | 'lanes'>;

/** The run, from pressing Run to the engine's last word. `record` is what the strips show meanwhile. */
export type Run =
  | { readonly status: 'idle' }
  /** Waits for the model. */
  | {
      readonly status: 'loading';
      readonly settings: RunOrder;
      readonly record: RunRecord | null;
    }
  | { readonly status: 'running'; readonly record: RunRecord }
  /** Until the engine confirms; then `next` runs, if there is one. */
  | {
      readonly status: 'stopping';
      readonly record: RunRecord;
      readonly next: RunOrder | null;
    }
  | { readonly status: 'done'; readonly record: RunRecord }
  | {
      readonly status: 'failed';
      readonly error: AppError;
      /** What was to run. */
      readonly settings: RunOrder;
      readonly record: RunRecord | null;
    };

export function recordOf(run: Run): RunRecord | null {
  return run.status === 'idle' ? null : run.record;
}

export function newRecord(
  runId: number,
  order: RunOrder,
  { model, modelBytes }: Pick<RunRecord, 'model' | 'modelBytes'>,
): RunRecord {
  const { origin } = order;
  const settings = runSettingsOf(order);
  const lanes = lanesOf(settings).map((spec) => ({
    spec,
    rotation: null,
    steps: [],
    stopped: null,
  }));
  return { runId, origin, settings, model, modelBytes, prompt: [], lanes, summary: null };
}

/** Has the engine said anything about this run? */
export function hasStarted(record: RunRecord): boolean {
  return record.prompt.length > 0 || record.summary !== null;
}

/** The record with the news of an event, which must be of this run. */
export function withEvent(record: RunRecord, event: RunEvent): RunRecord {
  switch (event.type) {
    case 'started':
      return {
        ...record,
        prompt: event.prompt,
        lanes: record.lanes.map((lane, i) => ({ ...lane, rotation: event.rotations[i] ?? null })),
      };
    case 'tokens':
      return {
        ...record,
        lanes: record.lanes.map((lane, i) => {
          const news = event.steps[i] ?? [];
          return news.length === 0 ? lane : { ...lane, steps: [...lane.steps, ...news] };
        }),
      };
  }
}

export function withSummary(record: RunRecord, summary: RunSummary): RunRecord {
  return {
    ...record,
    summary,
    lanes: record.lanes.map((lane, i) => ({ ...lane, stopped: summary.lanes[i]?.stopped ?? null })),
  };
}

/**
 * Index of the first generated token at which a lane parts from the first lane; null if, so far, it does not. In a
 * teacher-forced run, the first step at which it would have chosen otherwise.
 */
export function divergenceOf(record: Pick<RunRecord, 'lanes'>, lane: number): number | null {
  const [reference] = record.lanes;
  const other = record.lanes[lane];
  if (reference === undefined || other === undefined) return null;
  // What a lane lacks counts if it has ended by itself, and not if the run was stopped between two lanes.
  const { stopped } = other.steps.length < reference.steps.length ? other : reference;
  const ended = stopped !== null && stopped !== 'cancelled';
  const ids = ({ steps }: LaneRecord) => steps.map(({ id }) => id);
  return firstDivergence(ids(reference), ids(other), { ended });
}

/** The step at which a lane's logits stopped being numbers; null if they did not. */
export function nonFiniteStep({ steps, stopped }: LaneRecord): number | null {
  return stopped === 'non-finite' ? steps.length : null;
}

/** The run with a lane's new name, wherever that lane is the one that was named: a name makes no other run. */
export function withName(run: Run, named: LaneSetting): Run {
  if (run.status === 'idle') return run;
  const inSettings = <T extends RunSettings>(settings: T): T => ({
    ...settings,
    lanes: settings.lanes.some((lane) => lane.key === named.key && alike(lane, named))
      ? withLaneChanged(settings.lanes, named.key, { name: named.name })
      : settings.lanes,
  });
  const inRecord = (record: RunRecord): RunRecord => {
    const settings = inSettings(record.settings);
    const names = lanesOf(settings);
    const lanes = record.lanes.map((lane, i) => ({ ...lane, spec: names[i] ?? lane.spec }));
    return { ...record, settings, lanes };
  };
  switch (run.status) {
    case 'running':
    case 'done':
      return { ...run, record: inRecord(run.record) };
    case 'stopping':
      return { ...run, record: inRecord(run.record), next: run.next && inSettings(run.next) };
    case 'loading':
    case 'failed':
      return {
        ...run,
        settings: inSettings(run.settings),
        record: run.record && inRecord(run.record),
      };
  }
}

/** Errors that the visitor mends in the prompt or in the number of new tokens. */
const ABOUT_THE_PROMPT: ReadonlySet<ErrorCode> = new Set([
  'prompt-empty',
  'prompt-too-long',
  'context-exceeded',
]);

/** The error that belongs at the prompt, if the run failed with one. */
export function promptErrorOf(run: Run): AppError | null {
  return run.status === 'failed' && ABOUT_THE_PROMPT.has(run.error.code) ? run.error : null;
}
