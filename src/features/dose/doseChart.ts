import type { PlotOptions } from '@observablehq/plot';
import { numberText } from '../../ui/figure/numberText';
import type { Plotting } from '../../ui/figure/Plot';
import type { DosePoint } from './sweep';

export const CHART_HEIGHT = 300;
const MARGIN = { marginTop: 30, marginRight: 16, marginBottom: 46, marginLeft: 56 };
/** Of the curve. */
export const CURVE = 'var(--lane-1, var(--ink))';

export type Spacing = 'linear' | 'log';

interface Mark {
  /** α */
  readonly alpha: number;
  readonly place: number;
  /** Stands in a strip at the edge, because the axis cannot hold it. */
  readonly aside: boolean;
  readonly title: string;
}

/** From healthy at the left to collapsed at the right. */
function doseAxis(plotting: Plotting) {
  return plotting.axisX({
    label: '← 1 healthy · dose α · collapsed 0 →',
    labelArrow: 'none',
    labelAnchor: 'center',
    labelOffset: 36,
    ticks: 5,
    tickSize: 3,
  });
}

const ALPHA_SCALE = { type: 'linear', domain: [1.02, -0.02] } as const;

/** Where the text first turns, dose by dose. Doses that never turn it stand at the top, as "none". */
export function divergenceChart(
  plotting: Plotting,
  points: readonly DosePoint[],
  maxNewTokens: number,
): PlotOptions {
  const none = maxNewTokens * 1.12 + 0.5;
  const marks = points.map(({ alpha, firstDivergence }): Mark => ({
    alpha,
    place: firstDivergence === null ? none : firstDivergence + 1,
    aside: firstDivergence === null,
    title: `α = ${numberText(alpha)}\nfirst divergence: ${divergenceText(firstDivergence)}`,
  }));
  const ticks = tokenTicks(maxNewTokens);
  return {
    ...MARGIN,
    x: ALPHA_SCALE,
    y: { type: 'linear', domain: [0, none * 1.04] },
    marks: [
      plotting.ruleY(ticks, { stroke: 'var(--line)' }),
      plotting.ruleY([none], { stroke: 'var(--control)', strokeDasharray: '1 5' }),
      plotting.axisY([...ticks, none], {
        tickFormat: (tick: number) => (tick === none ? 'none' : String(tick)),
        tickSize: 0,
        label: 'first divergence, generated token',
        labelArrow: 'none',
      }),
      doseAxis(plotting),
      ...curve(plotting, marks),
    ],
  };
}

/** How far the distributions are from the healthy ones, dose by dose. A log axis has zero at its edge. */
export function klChart(
  plotting: Plotting,
  points: readonly DosePoint[],
  spacing: Spacing,
): PlotOptions {
  const { placeOf, domain, ticks, labelOf, edge } = klAxis(points, spacing);
  const marks = points
    .filter((point) => point.meanKl !== null)
    .map(({ alpha, meanKl }): Mark => {
      const kl = meanKl ?? 0;
      return {
        alpha,
        place: placeOf(kl),
        aside: edge !== null && kl <= 0,
        title: `α = ${numberText(alpha)}\nmean KL: ${numberText(kl)} nats`,
      };
    });
  return {
    ...MARGIN,
    x: ALPHA_SCALE,
    y: { type: 'linear', domain },
    marks: [
      plotting.ruleY(ticks, { stroke: 'var(--line)' }),
      ...(edge === null
        ? []
        : [plotting.ruleY([edge], { stroke: 'var(--control)', strokeDasharray: '1 5' })]),
      plotting.axisY(edge === null ? ticks : [...ticks, edge], {
        tickFormat: labelOf,
        tickSize: 0,
        label: 'mean KL(healthy ‖ dose), nats',
        labelArrow: 'none',
      }),
      doseAxis(plotting),
      ...curve(plotting, marks),
    ],
  };
}

/** Places on the axis are nats, or their log10; `edge` is where zero stands on a log axis that needs it. */
export function klAxis(points: readonly Pick<DosePoint, 'meanKl'>[], spacing: Spacing) {
  const known = points.map(({ meanKl }) => meanKl).filter((kl) => kl !== null);
  const positive = known.filter((kl) => kl > 0);
  if (spacing === 'linear' || positive.length === 0) {
    const most = Math.max(0, ...known);
    const step = tickStep(most === 0 ? 1 : most);
    const top = Math.ceil((most === 0 ? 1 : most) / step) * step;
    const ticks = Array.from({ length: Math.round(top / step) + 1 }, (_, i) => i * step);
    return {
      placeOf: (kl: number) => kl,
      domain: [0, top * 1.03] as const,
      ticks,
      labelOf: (tick: number) => numberText(tick, 3),
      edge: null,
    };
  }
  const low = Math.floor(Math.log10(Math.min(...positive)));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...positive))));
  const edge = known.some((kl) => kl <= 0) ? low - (high - low) * 0.12 : null;
  const ticks = Array.from({ length: high - low + 1 }, (_, i) => low + i);
  return {
    placeOf: (kl: number) => (kl > 0 ? Math.log10(kl) : (edge ?? low)),
    domain: [(edge ?? low) - (high - low) * 0.04, high] as const,
    ticks,
    labelOf: (tick: number) => (tick === edge ? '0' : numberText(10 ** tick, 1)),
    edge,
  };
}

/** "none", or the generated token counted from 1, as the page counts them. */
export function divergenceText(firstDivergence: number | null): string {
  return firstDivergence === null ? 'none' : `token ${firstDivergence + 1}`;
}

/** A line through the points on the axis, a mark for each, hollow where it stands aside, and a tip. */
function curve(plotting: Plotting, marks: readonly Mark[]) {
  return [
    plotting.line(marks, {
      x: 'alpha',
      y: ({ aside, place }: Mark) => (aside ? Number.NaN : place),
      stroke: CURVE,
      strokeWidth: 1.75,
    }),
    plotting.dot(marks, {
      x: 'alpha',
      y: 'place',
      r: 4,
      stroke: CURVE,
      strokeWidth: 1.5,
      fill: ({ aside }: Mark) => (aside ? 'var(--paper)' : CURVE),
    }),
    plotting.tip(
      marks,
      plotting.pointer({ x: 'alpha', y: 'place', title: 'title', stroke: 'var(--control)' }),
    ),
  ];
}

/** About five steps of 1, 2 or 5 times a power of ten. */
function tickStep(most: number): number {
  const rough = most / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  return ([1, 2, 5, 10].find((n) => n * power >= rough) ?? 10) * power;
}

function tokenTicks(maxNewTokens: number): number[] {
  const step = Math.max(1, Math.round(tickStep(maxNewTokens)));
  const ticks = Array.from({ length: Math.floor(maxNewTokens / step) }, (_, i) => (i + 1) * step);
  return step === 1 ? ticks : [1, ...ticks];
}
