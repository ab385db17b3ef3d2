import type { HeatmapCell, HeatmapDrawing } from './heatmapDrawing';

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Where the parts of a heatmap stand, in CSS pixels from its upper left corner. */
export interface HeatmapLayout {
  readonly width: number;
  readonly height: number;
  /** The cells. */
  readonly plot: Box;
  /** The colour bar of the legend. */
  readonly bar: Box;
}

const ROW_LABELS = 44;
const COLUMN_LABELS = 36;
const LEGEND = 34;
const EDGE = 8;

/** Space for labels at the left and below, for the legend at the bottom, and the rest for cells. */
export function heatmapLayout(width: number, height: number): HeatmapLayout {
  const plot = {
    x: ROW_LABELS,
    y: EDGE,
    width: Math.max(1, width - ROW_LABELS - EDGE),
    height: Math.max(1, height - EDGE - COLUMN_LABELS - LEGEND),
  };
  const bar = {
    x: plot.x,
    y: height - LEGEND + 6,
    width: Math.min(plot.width * 0.7, 240),
    height: 8,
  };
  return { width, height, plot, bar };
}

/** The cell at a point, or the nearest one if the point lies outside. */
export function cellAt(
  { plot }: HeatmapLayout,
  { rows, columns }: HeatmapDrawing,
  x: number,
  y: number,
): HeatmapCell {
  return {
    row: within(Math.floor(((y - plot.y) / plot.height) * rows.count), rows.count),
    column: within(Math.floor(((x - plot.x) / plot.width) * columns.count), columns.count),
  };
}

export function cellBox(
  { plot }: HeatmapLayout,
  { rows, columns }: HeatmapDrawing,
  { row, column }: HeatmapCell,
): Box {
  const width = plot.width / columns.count;
  const height = plot.height / rows.count;
  return { x: plot.x + column * width, y: plot.y + row * height, width, height };
}

/** Where a key leads from a cell; null for keys that do not move. Page up and page down go an eighth of the rows. */
export function cellAfterKey(
  key: string,
  { row, column }: HeatmapCell,
  rows: number,
  columns: number,
): HeatmapCell | null {
  const to = (r: number, c: number) => ({ row: within(r, rows), column: within(c, columns) });
  const page = Math.max(1, Math.round(rows / 8));
  switch (key) {
    case 'ArrowLeft':
      return to(row, column - 1);
    case 'ArrowRight':
      return to(row, column + 1);
    case 'ArrowUp':
      return to(row - 1, column);
    case 'ArrowDown':
      return to(row + 1, column);
    case 'PageUp':
      return to(row - page, column);
    case 'PageDown':
      return to(row + page, column);
    case 'Home':
      return to(row, 0);
    case 'End':
      return to(row, columns - 1);
    default:
      return null;
  }
}

/** Which of `count` places to label when each label needs `gap` of the `length` pixels: 0, and every 1, 2, 5, 10… */
export function tickPlaces(count: number, length: number, gap: number): number[] {
  const most = Math.max(1, Math.floor(length / gap));
  let step = 1;
  for (let decade = 1; Math.ceil(count / step) > most; decade *= 10) {
    step =
      [2, 5, 10].map((n) => n * decade).find((n) => Math.ceil(count / n) <= most) ?? 10 * decade;
  }
  return Array.from({ length: Math.ceil(count / step) }, (_, i) => i * step);
}

function within(index: number, count: number): number {
  return Math.min(Math.max(index, 0), count - 1);
}
