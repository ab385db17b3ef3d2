import { memo, useId, useMemo, useState } from 'react';
import type { CapturedTensor, CaptureStage } from '../../protocol/inspection';
import { afterCapture, useInspection } from '../../state/inspection';
import { usePlayground } from '../../state/PlaygroundContext';
import { Segmented } from '../../ui/Segmented';
import { laneChoices, numbered, Select } from '../../ui/Select';
import { Answered } from './Answered';
import { DifferenceFigure } from './DifferenceFigure';
import type { LaneDifference, Rows } from './differenceReading';
import type { CapturedRun } from './inspectedRun';

const TENSORS: readonly (readonly [CapturedTensor, string])[] = [
  ['query', 'Queries'],
  ['key', 'Keys'],
];
const STAGES: readonly (readonly [CaptureStage, string])[] = [
  ['before', 'Before the rotation'],
  ['after', 'After the rotation'],
];
const ALL_LAYERS = -1;

/** How far a lane's queries or keys are from the healthy lane's, layer by layer and position by position. */
export const QueriesAndKeys = memo(function QueriesAndKeys({ run, capture }: CapturedRun) {
  const inspection = usePlayground((playground) => playground.inspection);
  const [lane, setLane] = useState(1);
  const [tensor, setTensor] = useState<CapturedTensor>('query');
  const [stage, setStage] = useState<CaptureStage>('after');
  const [layer, setLayer] = useState(ALL_LAYERS);
  const rows = useMemo((): Rows => (layer < 0 ? 'layers' : { headsOf: layer }), [layer]);
  const { runId } = run.record;
  const others = run.lanes.slice(1);

  const answer = useInspection(
    others.length === 0 ? null : `${runId}/${lane}/${tensor}/${stage}`,
    async () => {
      const request = { runId, lane, against: 0, tensor, stage };
      const result = await afterCapture(inspection, runId, () =>
        inspection.tensorDifference(request),
      );
      if (!result.ok) return result;
      const value: LaneDifference = { lane, tensor, stage, difference: result.value };
      return { ok: true, value };
    },
  );

  const id = useId();
  if (others.length === 0) {
    return <p className="note">There is one lane only: nothing to compare its q and k with.</p>;
  }
  const controls = (
    <>
      <Segmented legend="Tensor" options={TENSORS} value={tensor} onChange={setTensor} />
      <Segmented legend="Stage" options={STAGES} value={stage} onChange={setStage} />
      <Select label="Lane" options={laneChoices(others)} value={lane} onChange={setLane} />
      <Select
        label="Rows"
        options={[[ALL_LAYERS, 'layers, largest over heads'], ...headChoices(capture.layers)]}
        value={layer}
        onChange={setLayer}
      />
    </>
  );
  return (
    <Answered answer={answer} waiting="Comparing q and k…">
      {(shown) => (
        <DifferenceFigure
          id={id}
          run={run}
          capture={capture}
          shown={shown}
          rows={rows}
          controls={controls}
        />
      )}
    </Answered>
  );
});

function headChoices(layers: number) {
  return numbered('heads of layer', layers);
}
