import type { PlotOptions } from '@observablehq/plot';
import { laneSymbol } from '../../ui/figure/laneSymbol';
import { numberText } from '../../ui/figure/numberText';
import type { Plotting } from '../../ui/figure/Plot';
import { laneColour } from '../../ui/lane';
import { frequencyAxis, powerOfTen, stripLabel, stripOf } from './frequencyAxis';
import { type LaneFrequencies, wavelength } from './ropeLanes';

interface FrequencyChart {
  readonly lanes: readonly LaneFrequencies[];
  /** Sets the decades of the axis, whatever is in the lanes. */
  readonly healthy: Float32Array;
  readonly positions: number;
  /** In CSS pixels. */
  readonly width: number;
  readonly height: number;
}

interface Point {
  readonly pair: number;
  /** On the axis, or in a strip: log10 of radians per token. */
  readonly place: number;
  readonly onAxis: boolean;
  readonly title: string;
}

const MARGIN = { top: 30, right: 48, bottom: 40, left: 60 };
/** Beyond so many pairs, marks would be a smear. */
const MANY_PAIRS = 96;

/** A dot for each pair and lane; lanes stand a little apart, so that equal values do not hide each other. */
export function frequencyChart(plotting: Plotting, chart: FrequencyChart): PlotOptions {
  const { lanes, healthy, positions, width, height } = chart;
  const inner = height - MARGIN.top - MARGIN.bottom;
  const axis = frequencyAxis(
    healthy,
    lanes.map(({ invFreq }) => invFreq),
    inner,
  );
  const { decades, strips } = axis;
  const perPair = (width - MARGIN.left - MARGIN.right) / healthy.length;
  const radius = healthy.length > MANY_PAIRS ? 1.6 : Math.min(4, Math.max(2.2, perPair / 4));
  const apart = Math.min(2 * radius, (perPair * 0.8) / lanes.length);
  const decadeTicks = range(decades.low, decades.high);
  const wavelengthTicks = range(-decades.high + 1, -decades.low).map((power) => ({
    place: Math.log10(2 * Math.PI) - power,
    label: tokens(power),
  }));
  const labels = new Map([
    ...decadeTicks.map((place) => [place, powerOfTen(place)] as const),
    ...[...strips].map(([strip, place]) => [place, stripLabel(strip, decades)] as const),
    ...wavelengthTicks.map(({ place, label }) => [place, label] as const),
  ]);
  const labelOf = (place: number) => labels.get(place) ?? '';
  const turn = Math.log10(wavelength(positions));
  const points = lanes.map((lane) => pointsOf(lane, axis));
  const offset = (i: number) => (i - (lanes.length - 1) / 2) * apart;

  return {
    marginTop: MARGIN.top,
    marginRight: MARGIN.right,
    marginBottom: MARGIN.bottom,
    marginLeft: MARGIN.left,
    x: { type: 'linear', domain: [-0.5, healthy.length - 0.5] },
    y: { type: 'linear', domain: axis.domain },
    marks: [
      plotting.ruleY(decadeTicks, { stroke: 'var(--line)' }),
      plotting.ruleY(strips.values(), { stroke: 'var(--control)', strokeDasharray: '1 5' }),
      plotting.axisY([...decadeTicks, ...strips.values()], {
        anchor: 'left',
        tickFormat: labelOf,
        tickSize: 0,
        label: 'inv_freq, radians per token',
        labelArrow: 'none',
      }),
      plotting.axisY(
        wavelengthTicks.map(({ place }) => place).filter((place) => place >= decades.low),
        {
          anchor: 'right',
          tickFormat: labelOf,
          label: 'wavelength, tokens',
          labelArrow: 'none',
          stroke: 'var(--quiet)',
          fill: 'var(--quiet)',
        },
      ),
      plotting.axisX({ label: 'pair →', labelArrow: 'none', labelAnchor: 'center', tickSize: 3 }),
      ...(turn > decades.low && turn < decades.high
        ? [
            plotting.ruleY([turn], { stroke: 'var(--quiet)', strokeDasharray: '6 4' }),
            plotting.text([turn], {
              y: (place: number) => place,
              frameAnchor: 'right',
              dx: -6,
              dy: -8,
              text: () => `one turn in ${positions} tokens`,
              fill: 'var(--quiet)',
              textAnchor: 'end',
              stroke: 'var(--paper)',
              strokeWidth: 4,
            }),
          ]
        : []),
      ...lanes.flatMap(({ index }, i) => [
        plotting.line(points[i] ?? [], {
          x: 'pair',
          y: ({ onAxis, place }: Point) => (onAxis ? place : Number.NaN),
          dx: offset(i),
          stroke: laneColour(index),
          strokeOpacity: 0.45,
        }),
        plotting.dot(points[i] ?? [], {
          x: 'pair',
          y: 'place',
          dx: offset(i),
          r: radius,
          symbol: laneSymbol(index),
          fill: laneColour(index),
        }),
      ]),
      plotting.tip(
        points.flat(),
        plotting.pointer({ x: 'pair', y: 'place', title: 'title', stroke: 'var(--control)' }),
      ),
    ],
  };
}

function pointsOf(
  { name, invFreq }: LaneFrequencies,
  { decades, strips }: ReturnType<typeof frequencyAxis>,
): Point[] {
  return Array.from(invFreq, (frequency, pair) => {
    const strip = stripOf(frequency, decades);
    return {
      pair,
      onAxis: strip === null,
      place: strip === null ? Math.log10(frequency) : (strips.get(strip) ?? Number.NaN),
      title: `${name}\npair ${pair}: ${numberText(frequency)} rad per token\nonce around in ${numberText(wavelength(frequency))} tokens`,
    };
  });
}

/** Whole numbers from the first to the last. */
function range(first: number, last: number): number[] {
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => first + i);
}

/** 10^power tokens: "10", "1k", "1M"; other powers as 10⁹. */
function tokens(power: number): string {
  if (power >= 0 && power < 3) return String(10 ** power);
  if (power >= 3 && power < 6) return `${10 ** (power - 3)}k`;
  if (power >= 6 && power < 9) return `${10 ** (power - 6)}M`;
  return powerOfTen(power);
}
