import { useMemo } from 'react';
import { useShallow } from 'zustand/react/shallow';
import type { LaneSpec } from '../../core/lanes';
import type { Playground } from '../../state/playground';
import { usePlayground } from '../../state/PlaygroundContext';
import { recordOf, type RunRecord } from '../../state/run';
import { lanesOf } from '../../state/settings';
import { laneName } from '../../ui/lane';
import type { RopeViewProps } from './ropeLanes';

/** Shown while there is no run to take the number from. */
const POSITIONS_WITHOUT_RUN = 64;

/** What the views are drawn from: the run on screen, else the settings and the model that is loaded, else null. */
export function useRopeViewProps(): RopeViewProps | null {
  const settings = usePlayground((playground) => playground.settings);
  const model = usePlayground(
    ({ run, model }) => recordOf(run)?.model ?? (model.status === 'ready' ? model.model : null),
  );
  const produced = usePlayground(({ run }) => recordOf(run)?.settings);
  const length = usePlayground(({ run }) => positionsOf(recordOf(run)));
  // A batch of tokens makes a new record, but leaves its lanes as they are.
  const recorded = usePlayground(
    useShallow(({ run }: Playground) => recordOf(run)?.lanes.map(({ spec }) => spec) ?? NO_LANES),
  );
  const lanes = useMemo(() => {
    const specs = recorded.length > 0 ? recorded : lanesOf(settings);
    return specs.map((spec, index) => ({ spec, index, name: laneName(spec, index) }));
  }, [recorded, settings]);

  if (model === null) return null;
  return {
    lanes,
    config: model.config,
    positions: length > 0 ? length : POSITIONS_WITHOUT_RUN,
    source: [model.id, (produced ?? settings).prompt],
  };
}

const NO_LANES: readonly LaneSpec[] = [];

/** Of the longest lane: prompt and generated tokens. 0 before the run has started. */
function positionsOf(record: RunRecord | null): number {
  if (record === null) return 0;
  return record.prompt.length + Math.max(0, ...record.lanes.map(({ steps }) => steps.length));
}
