import { type ColourScale, LOOKUP_SIZE, placeInDomain } from './colourScale';
import type { Rgb } from './colour';

export interface HeatmapAxis {
  /** In the singular, as in "position 3". */
  readonly name: string;
  readonly count: number;
  /** Shown for a row or column; its index if absent. */
  readonly label?: (index: number) => string;
}

/** Everything that a heatmap shows. A new object is drawn anew, so it should be kept while nothing changes. */
export interface HeatmapDrawing {
  readonly title: string;
  readonly rows: HeatmapAxis;
  readonly columns: HeatmapAxis;
  /** [rows.count, columns.count], row-major. NaN is a value: it is hatched, and called NaN. */
  readonly values: ArrayLike<number>;
  readonly scale: ColourScale;
  /** Places that have no value at all, such as keys after their query. They stay empty. */
  readonly blank?: (row: number, column: number) => boolean;
}

export interface HeatmapCell {
  readonly row: number;
  readonly column: number;
}

export function valueAt(drawing: HeatmapDrawing, { row, column }: HeatmapCell): number | null {
  if (drawing.blank?.(row, column) === true) return null;
  return drawing.values[row * drawing.columns.count + column] ?? null;
}

export function axisLabel({ label }: HeatmapAxis, index: number): string {
  return label?.(index) ?? String(index);
}

export function hasNaN({ values }: HeatmapDrawing): boolean {
  return Array.prototype.some.call(values, Number.isNaN);
}

/**
 * One pixel for each cell, as ImageData wants them. NaN is transparent, so that the hatching below shows through.
 * @param run LOOKUP_SIZE colours, from the low end to the high end
 * @param paper the colour of cells that have no value
 */
export function cellPixels(
  drawing: HeatmapDrawing,
  run: readonly Rgb[],
  paper: Rgb,
): Uint8ClampedArray<ArrayBuffer> {
  const { rows, columns, values, scale, blank } = drawing;
  const colours = new Uint32Array(run.map(packed));
  const empty = packed(paper);
  const pixels = new Uint32Array(rows.count * columns.count);
  for (let row = 0, cell = 0; row < rows.count; row++) {
    for (let column = 0; column < columns.count; column++, cell++) {
      if (blank?.(row, column) === true) {
        pixels[cell] = empty;
        continue;
      }
      const place = placeInDomain(scale, values[cell] ?? Number.NaN);
      if (!Number.isNaN(place)) {
        pixels[cell] = colours[Math.round(place * (LOOKUP_SIZE - 1))] ?? empty;
      }
    }
  }
  return new Uint8ClampedArray(pixels.buffer);
}

/** Four bytes of a pixel as one word, in this machine's own order. */
function packed([r, g, b]: Rgb): number {
  return new Uint32Array(Uint8Array.of(r, g, b, 255).buffer)[0] ?? 0;
}
