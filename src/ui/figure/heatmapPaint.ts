import { colourRun, legendPlaces, valueAtPlace } from './colourScale';
import type { Rgb } from './colour';
import { axisLabel, cellPixels, hasNaN, type HeatmapDrawing } from './heatmapDrawing';
import { type HeatmapLayout, tickPlaces } from './heatmapLayout';
import { numberText } from './numberText';
import { resolveColour, resolveRgb } from './themeColours';

/** A drawing's colours, as the theme has them now. */
export interface HeatmapColours {
  /** From the low end of the scale to its high end. */
  readonly run: readonly Rgb[];
  readonly paper: Rgb;
  readonly ink: string;
  readonly quiet: string;
  readonly line: string;
  readonly hatch: string;
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

/** Reads the colours inside an element that has the variables of Heatmap.module.css. */
export function heatmapColours(element: Element, { scale }: HeatmapDrawing): HeatmapColours {
  return {
    run: colourRun(STOPS[scale.kind].map((stop) => resolveRgb(element, stop))),
    paper: resolveRgb(element, 'var(--paper)'),
    ink: resolveColour(element, 'var(--ink)'),
    quiet: resolveColour(element, 'var(--quiet)'),
    line: resolveColour(element, 'var(--line)'),
    hatch: resolveColour(element, 'var(--heat-hatch)'),
    font: getComputedStyle(element).fontFamily,
  };
}

/** Cells, labels and legend, in CSS pixels from the context's origin. */
export function paintHeatmap(
  context: CanvasRenderingContext2D,
  drawing: HeatmapDrawing,
  layout: HeatmapLayout,
  colours: HeatmapColours,
): void {
  const nan = hasNaN(drawing);
  paintCells(context, drawing, layout, colours, nan);
  paintLabels(context, drawing, layout, colours);
  paintLegend(context, drawing, layout, colours, nan);
}

function paintCells(
  context: CanvasRenderingContext2D,
  drawing: HeatmapDrawing,
  { plot }: HeatmapLayout,
  colours: HeatmapColours,
  nan: boolean,
): void {
  const { rows, columns } = drawing;
  if (nan) paintHatch(context, plot.x, plot.y, plot.width, plot.height, colours);
  const cells = document.createElement('canvas');
  cells.width = columns.count;
  cells.height = rows.count;
  const pixels = cellPixels(drawing, colours.run, colours.paper);
  cells.getContext('2d')?.putImageData(new ImageData(pixels, columns.count, rows.count), 0, 0);
  const scale = context.getTransform().a;
  // Cells smaller than a pixel are averaged; dropping some of them would draw patterns that are not there.
  context.imageSmoothingEnabled =
    columns.count > plot.width * scale || rows.count > plot.height * scale;
  context.imageSmoothingQuality = 'high';
  context.drawImage(cells, plot.x, plot.y, plot.width, plot.height);
  context.strokeStyle = colours.line;
  context.strokeRect(plot.x - 0.5, plot.y - 0.5, plot.width + 1, plot.height + 1);
}

function paintLabels(
  context: CanvasRenderingContext2D,
  { rows, columns }: HeatmapDrawing,
  { plot }: HeatmapLayout,
  { quiet, font }: HeatmapColours,
): void {
  context.fillStyle = quiet;
  context.font = `11px ${font}`;
  context.textBaseline = 'middle';
  context.textAlign = 'right';
  for (const row of tickPlaces(rows.count, plot.height, 18)) {
    const y = plot.y + ((row + 0.5) / rows.count) * plot.height;
    context.fillText(axisLabel(rows, row), plot.x - 6, y, plot.x - 18);
  }
  context.textAlign = 'center';
  const bottom = plot.y + plot.height;
  for (const column of tickPlaces(columns.count, plot.width, 34)) {
    const x = plot.x + ((column + 0.5) / columns.count) * plot.width;
    context.fillText(axisLabel(columns, column), x, bottom + 9);
  }
  context.fillText(`${columns.name} →`, plot.x + plot.width / 2, bottom + 24);
  context.save();
  context.translate(6, plot.y + plot.height / 2);
  context.rotate(-Math.PI / 2);
  context.fillText(`← ${rows.name}`, 0, 0);
  context.restore();
}

function paintLegend(
  context: CanvasRenderingContext2D,
  { scale }: HeatmapDrawing,
  { bar }: HeatmapLayout,
  colours: HeatmapColours,
  nan: boolean,
): void {
  const gradient = context.createLinearGradient(bar.x, 0, bar.x + bar.width, 0);
  colours.run.forEach(([r, g, b], i) => {
    gradient.addColorStop(i / (colours.run.length - 1), `rgb(${r} ${g} ${b})`);
  });
  context.fillStyle = gradient;
  context.fillRect(bar.x, bar.y, bar.width, bar.height);
  context.strokeStyle = colours.line;
  context.strokeRect(bar.x - 0.5, bar.y - 0.5, bar.width + 1, bar.height + 1);
  context.fillStyle = colours.quiet;
  context.font = `11px ${colours.font}`;
  context.textBaseline = 'middle';
  const below = bar.y + bar.height + 10;
  for (const place of legendPlaces(scale)) {
    context.textAlign = place === 0 ? 'left' : place === 1 ? 'right' : 'center';
    context.fillText(numberText(valueAtPlace(scale, place), 3), bar.x + place * bar.width, below);
  }
  if (!nan) return;
  paintHatch(context, bar.x + bar.width + 12, bar.y - 2, 18, bar.height + 4, colours);
  context.fillStyle = colours.quiet;
  context.textAlign = 'left';
  context.fillText('NaN', bar.x + bar.width + 12, below);
}

function paintHatch(
  context: CanvasRenderingContext2D,
  x: number,
  y: number,
  width: number,
  height: number,
  { hatch, paper: [r, g, b] }: HeatmapColours,
): void {
  context.save();
  context.beginPath();
  context.rect(x, y, width, height);
  context.fillStyle = `rgb(${r} ${g} ${b})`;
  context.fill();
  context.clip();
  context.beginPath();
  for (let at = -height; at < width; at += 5) {
    context.moveTo(x + at, y + height);
    context.lineTo(x + at + height, y);
  }
  context.strokeStyle = hatch;
  context.lineWidth = 1.2;
  context.stroke();
  context.restore();
}
