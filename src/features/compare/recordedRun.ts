import { stackLanes } from '../../core/lanes';
import type { ExecutionProvider } from '../../protocol/engineApi';
import { runOfBundle } from '../../repro/bundle';
import { parseRecording, type Recording } from '../../repro/recording';
import { laneSetting } from '../../state/lanes';
import type { DecodedRun } from '../../state/run';
import { lanesOf } from '../../state/settings';

/** A run that was made elsewhere, to look at until there is one of the visitor’s own. */
export interface RecordedRun {
  readonly decoded: DecodedRun;
  readonly model: { readonly id: string; readonly sha256: string };
  readonly executionProvider: ExecutionProvider;
  readonly appVersion: string;
  /** Milliseconds since 1970. */
  readonly recordedAt: number;
  /** A fragment, with its '#': it opens the run here. */
  readonly link: string;
}

/** Runs of the visitor’s own count from 1. */
const RECORDED_RUN_ID = 0;

/**
 * Reads a recording for strips. Null if it cannot be read, or is not of these weights: what this page would not say must
 * not stand on it.
 */
export function readRecordedRun(text: string, weightsSha256: string): RecordedRun | null {
  try {
    const recording = parseRecording(text);
    return recording.bundle.model.sha256 === weightsSha256 ? recordedRunOf(recording) : null;
  } catch {
    return null;
  }
}

function recordedRunOf({ bundle, shown }: Recording): RecordedRun {
  const { prompt, mode, maxNewTokens, lanes, promptIds, results, ...run } = runOfBundle(bundle);
  const settings = {
    prompt,
    mode,
    maxNewTokens,
    lanes: lanes.slice(1).map((lane, i) => laneSetting(`lane-${i + 1}`, lane)),
  };
  const specs = lanesOf(settings);
  // Tables of two positions: they only say whether a lane rotates as the healthy one does.
  const { rotations } = stackLanes(specs, shown.rope, 2);
  const { model, executionProvider } = run;
  const { createdAt: recordedAt, appVersion } = bundle;
  return {
    decoded: {
      runId: RECORDED_RUN_ID,
      settings,
      prompt: tokens(promptIds, shown.prompt),
      lanes: results.map(({ ids, steps, stopped }, lane) => ({
        spec: specs[lane] ?? { fault: { kind: 'none' }, guard: 'none' },
        rotation: rotations[lane] ?? null,
        steps: tokens(ids, shown.lanes[lane] ?? []).map((token, step) => ({
          ...token,
          top: steps[step]?.top ?? [],
        })),
        stopped,
      })),
    },
    model,
    executionProvider,
    appVersion,
    recordedAt,
    link: `#${shown.link}`,
  };
}

function tokens(ids: readonly number[], shown: Recording['shown']['prompt']) {
  return ids.map((id, i) => ({ id, text: '', label: String(id), ...shown[i] }));
}
