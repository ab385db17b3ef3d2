import { memo, useState } from 'react';
import type { Result } from '../../core/errors';
import type { AttentionMap } from '../../protocol/inspection';
import { afterCapture, useInspection } from '../../state/inspection';
import { usePlayground } from '../../state/PlaygroundContext';
import { Segmented } from '../../ui/Segmented';
import { laneChoices, numbered, Select } from '../../ui/Select';
import { Answered } from './Answered';
import { AttentionFigure } from './AttentionFigure';
import type { HeadAttention } from './attentionReading';
import type { CapturedRun } from './inspectedRun';

type Shown = 'all' | 'pair';

/** A pair is all that there is to choose of two lanes. */
const CHOICE_FROM = 3;

/** What every position of one head looks at, lane beside lane. */
export const Attention = memo(function Attention({ run, capture }: CapturedRun) {
  const inspection = usePlayground((playground) => playground.inspection);
  const [layer, setLayer] = useState(0);
  const [head, setHead] = useState(0);
  const [shown, setShown] = useState<Shown>('all');
  const [pair, setPair] = useState<readonly [number, number]>([0, 1]);
  const { lanes, record } = run;
  const { runId } = record;

  const answer = useInspection(`${runId}/${layer}/${head}`, async () => {
    const maps = await afterCapture(inspection, runId, async () =>
      allOf(
        await Promise.all(
          lanes.map(({ index }) => inspection.attention({ runId, lane: index, layer, head })),
        ),
      ),
    );
    if (!maps.ok) return maps;
    const value: HeadAttention = { layer, head, maps: maps.value };
    return { ok: true, value };
  });

  const choosable = lanes.length >= CHOICE_FROM;
  const visible = choosable && shown === 'pair' ? pair : lanes.map(({ index }) => index);
  const controls = (
    <>
      <Select
        label="Layer"
        options={numbered('layer', capture.layers)}
        value={layer}
        onChange={setLayer}
      />
      <Select
        label="Head"
        options={numbered('head', capture.heads)}
        value={head}
        onChange={setHead}
      />
      {choosable && (
        <Segmented
          legend="Lanes"
          options={[
            ['all', 'All lanes'],
            ['pair', 'A pair'],
          ]}
          value={shown}
          onChange={setShown}
        />
      )}
      {choosable && shown === 'pair' && (
        <>
          <Select
            label="First lane"
            options={laneChoices(lanes)}
            value={pair[0]}
            onChange={(first) => setPair([first, pair[1]])}
          />
          <Select
            label="Second lane"
            options={laneChoices(lanes)}
            value={pair[1]}
            onChange={(second) => setPair([pair[0], second])}
          />
        </>
      )}
    </>
  );
  return (
    <Answered answer={answer} waiting="Computing attention weights…">
      {(attention) => (
        <AttentionFigure
          run={run}
          capture={capture}
          attention={attention}
          visible={visible}
          controls={controls}
        />
      )}
    </Answered>
  );
});

/** All values, or the first error. */
function allOf(results: readonly Result<AttentionMap>[]): Result<AttentionMap[]> {
  const value: AttentionMap[] = [];
  for (const result of results) {
    if (!result.ok) return result;
    value.push(result.value);
  }
  return { ok: true, value };
}
