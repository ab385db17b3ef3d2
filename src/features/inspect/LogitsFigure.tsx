import { type MouseEvent, useCallback, useId, useMemo, useState } from 'react';
import type { Capture, RunDistributions } from '../../protocol/inspection';
import { type ChartMark, ChartMarks } from '../../ui/figure/ChartMarks';
import { Figure } from '../../ui/figure/Figure';
import { Plot, type Plotting } from '../../ui/figure/Plot';
import { Readout } from '../../ui/figure/Readout';
import { useWidth } from '../../ui/figure/useWidth';
import { laneColour } from '../../ui/lane';
import { Scrubber } from '../../ui/Scrubber';
import { Segmented } from '../../ui/Segmented';
import { type InspectedRun, TEXTS_PART } from './inspectedRun';
import { firstParting, healthyEndReading, textsPartReading } from './parting';
import { LaneKey } from './LaneKey';
import { CHART_HEIGHT, CHART_MARGIN, logitsChart, stepAt, xOfStep } from './logitsChart';
import styles from './LogitsFigure.module.css';
import { ALL_MEASURES, type Measure, MEASURES } from './logitsMeasure';
import { laneReading, logitsNumbers, shownStep, stepCount } from './logitsReading';
import { StepTops } from './StepTops';

export interface LogitsProps {
  readonly run: InspectedRun;
  /** Tells where the lanes' texts part. Null while it is not there: then nothing is marked. */
  readonly capture: Capture | null;
  readonly pinnedStep: number | null;
  readonly onPin: (step: number) => void;
}

interface LogitsFigureProps extends LogitsProps {
  readonly distributions: RunDistributions;
}

const CHOICES = ALL_MEASURES.map((measure) => [measure, MEASURES[measure].label] as const);

/** A measure along the text, and the highest logits of the step that is pinned. */
export function LogitsFigure(props: LogitsFigureProps) {
  const { run, capture, distributions, pinnedStep, onPin } = props;
  const id = useId();
  const [measure, setMeasure] = useState<Measure>('kl');
  const [box, width] = useWidth();
  const { record, lanes } = run;
  const steps = stepCount(record);
  const step = shownStep(record, pinnedStep);
  const parting = useMemo(() => firstParting(run, capture), [run, capture]);
  const numbers = useMemo(() => logitsNumbers(run, distributions), [run, distributions]);
  const build = useCallback(
    (plotting: Plotting) =>
      logitsChart(plotting, { lanes, distributions: distributions.lanes, steps, measure }),
    [lanes, distributions, steps, measure],
  );
  const pinAt = ({ currentTarget, clientX }: MouseEvent<HTMLElement>) => {
    const { left } = currentTarget.getBoundingClientRect();
    onPin(stepAt(clientX - left, width, steps));
  };
  const marks: ChartMark[] = [
    { x: xOfStep(step, width, steps), label: `token ${step + 1}`, colour: 'var(--ink)' },
  ];
  if (parting !== null) {
    const x = xOfStep(parting - 0.5, width, steps);
    marks.unshift({ x, label: TEXTS_PART, colour: 'var(--alarm)', dashed: true });
  }
  const reading = lanes.map(({ index }) => laneReading(run, distributions, index, step));

  return (
    <Figure
      title="Logits"
      explanation={[
        'Every step’s logits make a distribution over the vocabulary: its entropy says how unsure a lane is, KL how far it is from the healthy lane’s, rank and probability what became of the healthy token.',
        'Point at a token of the text, by click or with the slider, to see every lane’s highest logits there; after their texts part, free lanes no longer answer the same question.',
      ]}
      source={[MEASURES[measure].label, ...run.source]}
      numbers={numbers}
      picture={{
        kind: 'chart',
        keys: lanes.map(({ index, name }) => ({ lane: index, name, colour: laneColour(index) })),
      }}
      controls={
        <>
          <Segmented legend="Measure" options={CHOICES} value={measure} onChange={setMeasure} />
          <Scrubber
            name="Pinned token"
            min={1}
            max={steps}
            value={step + 1}
            onChange={(token) => onPin(token - 1)}
          />
        </>
      }
    >
      <LaneKey run={run} />
      <div
        ref={box}
        className={styles.chart}
        onClick={pinAt}
        // Else Plot would take the press too, and hold its tip where it is.
        onPointerDownCapture={(event) => event.stopPropagation()}
      >
        <Plot
          label={`${MEASURES[measure].axis}, along ${steps} generated tokens: ${lanes.map(({ name }) => name).join(', ')}`}
          height={CHART_HEIGHT}
          build={build}
        />
        {width > 0 && (
          <ChartMarks
            marks={marks}
            width={width}
            height={CHART_HEIGHT}
            top={CHART_MARGIN.top}
            bottom={CHART_HEIGHT - CHART_MARGIN.bottom}
          />
        )}
      </div>
      <p className={styles.note}>
        {textsPartReading(parting)} {healthyEndReading(run)}
      </p>
      <StepTops run={run} distributions={distributions} step={step} />
      <Readout id={id} text={`Token ${step + 1}. ${reading.join('. ')}.`} lines={0}>
        {''}
      </Readout>
    </Figure>
  );
}
