import { legendPlaces, valueAtPlace } from './colourScale';
import type { HeatmapColours } from './heatmapColours';
import { axisLabel, type CellPixels, cellPixels, type HeatmapDrawing } from './heatmapDrawing';
import { cellBox, type HeatmapLayout, tickPlaces } from './heatmapLayout';
import { numberText } from './numberText';

/** Cells, marks, labels and legend, in CSS pixels from the context's origin. */
export function paintHeatmap(
  context: CanvasRenderingContext2D,
  drawing: HeatmapDrawing,
  layout: HeatmapLayout,
  colours: HeatmapColours,
): void {
  const cells = cellPixels(drawing, colours.run, colours.paper);
  paintCells(context, drawing, layout, colours, cells);
  paintMarks(context, drawing, layout, colours);
  paintLabels(context, drawing, layout, colours);
  paintLegend(context, drawing, layout, colours, cells.nan);
}

function paintCells(
  context: CanvasRenderingContext2D,
  { rows, columns }: HeatmapDrawing,
  { plot }: HeatmapLayout,
  colours: HeatmapColours,
  { bytes, nan }: CellPixels,
): void {
  if (nan) paintHatch(context, plot.x, plot.y, plot.width, plot.height, colours);
  const cells = document.createElement('canvas');
  cells.width = columns.count;
  cells.height = rows.count;
  cells.getContext('2d')?.putImageData(new ImageData(bytes, columns.count, rows.count), 0, 0);
  const scale = context.getTransform().a;
  // Cells smaller than a pixel are averaged; dropping some of them would draw patterns that are not there.
  context.imageSmoothingEnabled =
    columns.count > plot.width * scale || rows.count > plot.height * scale;
  context.imageSmoothingQuality = 'high';
  context.drawImage(cells, plot.x, plot.y, plot.width, plot.height);
  context.strokeStyle = colours.line;
  context.strokeRect(plot.x - 0.5, plot.y - 0.5, plot.width + 1, plot.height + 1);
}

const MARK_LABEL = { height: 19, padding: 6, gap: 5 };

/** A dashed line before a column, and its label at the side where there is more space. */
function paintMarks(
  context: CanvasRenderingContext2D,
  drawing: HeatmapDrawing,
  layout: HeatmapLayout,
  { mark: colour, markPaper, font }: HeatmapColours,
): void {
  const { plot } = layout;
  context.save();
  context.textBaseline = 'middle';
  context.textAlign = 'left';
  context.font = `600 12px ${font}`;
  context.lineWidth = 2;
  for (const { column, label } of drawing.marks ?? []) {
    const { x } = cellBox(layout, drawing, { row: 0, column });
    context.strokeStyle = colour;
    context.setLineDash([6, 4]);
    context.beginPath();
    context.moveTo(x, plot.y);
    context.lineTo(x, plot.y + plot.height);
    context.stroke();
    const { height, padding, gap } = MARK_LABEL;
    const width = context.measureText(label).width + 2 * padding;
    const late = x > plot.x + plot.width / 2;
    const left = late ? x - gap - width : x + gap;
    context.fillStyle = markPaper;
    context.fillRect(left, plot.y + gap, width, height);
    context.fillStyle = colour;
    context.fillText(label, left + padding, plot.y + gap + height / 2);
  }
  context.restore();
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
