import { csvText, type NumbersTable } from './csv';
import { figureFileName } from './fileName';
import type { HeatmapDrawing } from './heatmapDrawing';
import { heatmapPng } from './heatmapPng';
import { saveFile, svgToPng } from './save';
import { type Key, replaceVariables, standaloneSvg } from './svg';
import { resolveColour } from './themeColours';

/** How a figure becomes a picture. */
export type Picture =
  /** The first chart inside the frame and the marks over it, as SVG or PNG, with a key of its lanes. */
  | { readonly kind: 'chart'; readonly keys: readonly Key[] }
  /** Heatmaps, painted anew at the size of a picture. */
  | { readonly kind: 'heatmaps'; readonly panels: readonly HeatmapDrawing[] }
  /** Anything else that is painted. */
  | { readonly kind: 'painted'; readonly png: () => Promise<Blob> };

export type Saveable = 'PNG' | 'SVG' | 'CSV';

/** Numbers to save, and what they are from, for the file's name. */
export interface NumbersFile {
  readonly numbers: NumbersTable;
  readonly source: readonly string[];
}

export interface SaveRequest {
  /** The frame's drawing: where charts are found and colours are read. */
  readonly drawing: HTMLElement;
  readonly title: string;
  /** What the picture is from, for its name. */
  readonly source: readonly string[];
  readonly csv: NumbersFile;
  readonly picture: Picture;
}

/** Saves one of a figure's files. @returns the file's name */
export async function saveFigure(what: Saveable, request: SaveRequest): Promise<string> {
  const { source } = what === 'CSV' ? request.csv : request;
  const name = figureFileName([request.title, ...source], what.toLowerCase());
  saveFile(await fileOf(what, request), name);
  return name;
}

async function fileOf(what: Saveable, request: SaveRequest): Promise<Blob> {
  const { drawing, title, csv, picture } = request;
  if (what === 'CSV') return new Blob([csvText(csv.numbers)], { type: 'text/csv;charset=utf-8' });
  switch (picture.kind) {
    case 'painted':
      return picture.png();
    case 'heatmaps':
      return heatmapPng(title, picture.panels, drawing.querySelector('[data-heatmap]') ?? drawing);
    case 'chart': {
      const svg = chartSvg(drawing, title, picture.keys);
      return what === 'SVG' ? new Blob([svg], { type: 'image/svg+xml' }) : svgToPng(svg);
    }
  }
}

/** The chart by itself, with the colours that it has on the page now. */
function chartSvg(drawing: HTMLElement, title: string, keys: readonly Key[]): string {
  const svg = drawing.querySelector<SVGSVGElement>('svg[data-chart]');
  if (svg === null) throw new Error('The chart has not been drawn yet.');
  const within = svg.parentElement ?? drawing;
  const resolve = (value: string) => resolveColour(within, value);
  const layers = [svg, ...drawing.querySelectorAll('svg[data-marks]')];
  const markup = layers.map((layer) => new XMLSerializer().serializeToString(layer)).join('');
  return standaloneSvg({
    drawing: replaceVariables(markup, resolve),
    width: svg.width.baseVal.value,
    height: svg.height.baseVal.value,
    title,
    keys: keys.map((key) => ({ ...key, colour: resolve(key.colour) })),
    paper: resolve('var(--paper)'),
    ink: resolve('var(--ink)'),
  });
}
