import type { PlotOptions } from '@observablehq/plot';
import type { StepDistribution } from '../../core/distribution';
import { laneSymbol } from '../../ui/figure/laneSymbol';
import type { Plotting } from '../../ui/figure/Plot';
import { laneColour } from '../../ui/lane';
import type { InspectedLane } from './inspectedRun';
import { type Measure, MEASURES, measureText } from './logitsMeasure';

interface LogitsChart {
  readonly lanes: readonly InspectedLane[];
  /** [lane][step] */
  readonly distributions: readonly (readonly StepDistribution[])[];
  readonly steps: number;
  readonly measure: Measure;
}

interface Point {
  readonly token: number;
  /** NaN breaks the line. */
  readonly value: number;
  readonly title: string;
}

export const CHART_HEIGHT = 300;
export const CHART_MARGIN = { top: 28, right: 12, bottom: 46, left: 52 };
/** Along one line; more would be a smear, and slow. */
const MOST_MARKS = 72;

/** One measure along the text: a line for each lane, with its marks. */
export function logitsChart(plotting: Plotting, chart: LogitsChart): PlotOptions {
  const { lanes, distributions, steps, measure } = chart;
  const points = lanes.map(({ index, name }) =>
    pointsOf(distributions[index] ?? [], measure, name),
  );
  const most = largest(points.flat());
  const ticks = measure === 'rank' ? { ticks: rankTicks(most), tickFormat: String } : { ticks: 5 };
  return {
    marginTop: CHART_MARGIN.top,
    marginRight: CHART_MARGIN.right,
    marginBottom: CHART_MARGIN.bottom,
    marginLeft: CHART_MARGIN.left,
    x: { type: 'linear', domain: [0.5, Math.max(1, steps) + 0.5] },
    y: { ...yScale(measure, most), clamp: true },
    marks: [
      plotting.gridY({ ...ticks, stroke: 'var(--line)', strokeOpacity: 1 }),
      plotting.axisY({
        ...ticks,
        label: MEASURES[measure].axis,
        labelArrow: 'none',
        tickSize: 0,
      }),
      plotting.axisX({
        label: 'generated token →',
        labelArrow: 'none',
        labelAnchor: 'center',
        labelOffset: 36,
        tickSize: 3,
        tickFormat: (token: number) => (Number.isInteger(token) ? String(token) : ''),
      }),
      ...lanes.flatMap(({ index }, i) => [
        plotting.line(points[i] ?? [], {
          x: 'token',
          y: 'value',
          stroke: laneColour(index),
          strokeWidth: 1.75,
        }),
        plotting.dot(markedPoints(points[i] ?? []), {
          x: 'token',
          y: 'value',
          r: 3.2,
          symbol: laneSymbol(index),
          fill: laneColour(index),
        }),
      ]),
      plotting.tip(
        points.flat(),
        plotting.pointer({ x: 'token', y: 'value', title: 'title', stroke: 'var(--control)' }),
      ),
    ],
  };
}

/** The step under a point of the chart, in CSS pixels from its left edge. */
export function stepAt(x: number, width: number, steps: number): number {
  const inner = Math.max(1, width - CHART_MARGIN.left - CHART_MARGIN.right);
  const step = Math.floor(((x - CHART_MARGIN.left) / inner) * steps);
  return Math.min(Math.max(step, 0), Math.max(0, steps - 1));
}

/** Where a step stands in the chart, in CSS pixels from its left edge. */
export function xOfStep(step: number, width: number, steps: number): number {
  const inner = width - CHART_MARGIN.left - CHART_MARGIN.right;
  return CHART_MARGIN.left + ((step + 0.5) / Math.max(1, steps)) * inner;
}

function pointsOf(
  distributions: readonly StepDistribution[],
  measure: Measure,
  name: string,
): Point[] {
  return distributions.map((at, step) => ({
    token: step + 1,
    value: at[measure] ?? Number.NaN,
    title: `${name}\ntoken ${step + 1}: ${measureText(measure, at[measure])}`,
  }));
}

/** Those that get a mark: evenly spaced ones, and those that have no neighbour to draw a line to. */
export function markedPoints<T extends { readonly value: number }>(points: readonly T[]): T[] {
  const every = Math.ceil(points.length / MOST_MARKS);
  const isNumber = (at: number) => Number.isFinite(points[at]?.value);
  return points.filter((_, at) => at % every === 0 || (!isNumber(at - 1) && !isNumber(at + 1)));
}

/** 1, 2, 5, 10… up to the largest rank, tens only where there would be too many. */
export function rankTicks(most: number): number[] {
  const powers = Array.from(
    { length: Math.ceil(Math.log10(Math.max(10, most))) },
    (_, i) => 10 ** i,
  );
  const factors = powers.length > 3 ? [1] : [1, 2, 5];
  const ticks = powers.flatMap((power) => factors.map((factor) => factor * power));
  return [...ticks, 10 ** powers.length].filter((rank) => rank <= Math.max(10, most));
}

/** Of the values that are numbers; 0 if there are none. */
function largest(points: readonly Point[]): number {
  return Math.max(0, ...points.map(({ value }) => (Number.isFinite(value) ? value : 0)));
}

/** Up is more in every chart but that of ranks, where the first rank is on top. */
function yScale(measure: Measure, most: number): NonNullable<PlotOptions['y']> {
  switch (measure) {
    case 'probability':
      return { type: 'linear', domain: [0, 1] };
    case 'rank':
      return { type: 'log', domain: [0.9, Math.max(10, most) * 1.15], reverse: true };
    case 'kl':
    case 'entropy':
      return { type: 'linear', domain: [0, most === 0 ? 1 : most], nice: true };
  }
}
