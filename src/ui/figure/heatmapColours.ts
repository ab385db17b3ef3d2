import { colourRun } from './colourScale';
import { parseColour, type Rgb } from './colour';
import type { HeatmapDrawing } from './heatmapDrawing';
import { resolveColours } from './themeColours';

/** A drawing's colours, as the theme has them now. */
export interface HeatmapColours {
  /** From the low end of the scale to its high end. */
  readonly run: readonly Rgb[];
  readonly paper: Rgb;
  readonly ink: string;
  readonly quiet: string;
  readonly line: string;
  readonly hatch: string;
  /** Of marks, and of the paper behind their labels. */
  readonly mark: string;
  readonly markPaper: string;
  readonly font: string;
}

const STOPS = {
  sequential: ['var(--heat-0)', 'var(--heat-1)', 'var(--heat-2)', 'var(--heat-3)'],
  diverging: [
    'var(--heat-below-2)',
    'var(--heat-below-1)',
    'var(--heat-0)',
    'var(--heat-above-1)',
    'var(--heat-above-2)',
  ],
} as const;

const OTHERS = [
  'var(--paper)',
  'var(--ink)',
  'var(--quiet)',
  'var(--line)',
  'var(--heat-hatch)',
  'var(--alarm)',
  'var(--alarm-tint)',
] as const;

/** Reads the colours inside an element that has the variables of Heatmap.module.css. */
export function heatmapColours(element: Element, { scale }: HeatmapDrawing): HeatmapColours {
  const resolved = resolveColours(element, [...OTHERS, ...STOPS[scale.kind]]);
  const [paper = '', ink = '', quiet = '', line = '', hatch = '', mark = '', markPaper = ''] =
    resolved;
  return {
    run: colourRun(resolved.slice(OTHERS.length).map(bytesOf)),
    paper: bytesOf(paper),
    ink,
    quiet,
    line,
    hatch,
    mark,
    markPaper,
    font: getComputedStyle(element).fontFamily,
  };
}

/** Black if the browser writes colours in a way that is not known here. */
function bytesOf(colour: string): Rgb {
  return parseColour(colour) ?? [0, 0, 0];
}
