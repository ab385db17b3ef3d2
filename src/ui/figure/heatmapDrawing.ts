import { type ColourScale, lookupOf } from './colourScale';
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
  /** How many columns of a row have a value, from the first on; all unless said otherwise. The others stay empty. */
  readonly filled?: (row: number) => number;
  /** Lines that divide the columns. What they mean belongs into the readout as well. */
  readonly marks?: readonly HeatmapMark[];
}

export interface HeatmapMark {
  /** The line stands at its left edge. */
  readonly column: number;
  /** Beside the line, in a few words. */
  readonly label: string;
}

export interface HeatmapCell {
  readonly row: number;
  readonly column: number;
}

export function valueAt(drawing: HeatmapDrawing, { row, column }: HeatmapCell): number | null {
  if (column >= filledColumns(drawing, row)) return null;
  return drawing.values[row * drawing.columns.count + column] ?? null;
}

function filledColumns({ columns, filled }: HeatmapDrawing, row: number): number {
  return filled?.(row) ?? columns.count;
}

export function axisLabel({ label }: HeatmapAxis, index: number): string {
  return label?.(index) ?? String(index);
}

/** Cells as ImageData wants them, one pixel each. */
export interface CellPixels {
  /** [rows, columns] of red, green, blue and cover. */
  readonly bytes: Uint8ClampedArray<ArrayBuffer>;
  /** Is there a cell with a value that is not a number? Its pixel is transparent, so that hatching shows through. */
  readonly nan: boolean;
}

/**
 * Looks at every cell once: hundreds of thousands of them within a frame.
 * @param run LOOKUP_SIZE colours, from the low end to the high end
 * @param paper the colour of cells that have no value
 */
export function cellPixels(drawing: HeatmapDrawing, run: readonly Rgb[], paper: Rgb): CellPixels {
  const { rows, columns, values, scale } = drawing;
  const colours = new Uint32Array(run.map(packed));
  const entryOf = lookupOf(scale);
  const pixels = new Uint32Array(rows.count * columns.count).fill(packed(paper));
  let nan = false;
  for (let row = 0; row < rows.count; row++) {
    const start = row * columns.count;
    const end = start + filledColumns(drawing, row);
    for (let cell = start; cell < end; cell++) {
      const value = values[cell] ?? Number.NaN;
      if (Number.isNaN(value)) nan = true;
      pixels[cell] = Number.isNaN(value) ? 0 : (colours[entryOf(value)] ?? 0);
    }
  }
  return { bytes: new Uint8ClampedArray(pixels.buffer), nan };
}

/** Four bytes of a pixel as one word, in this machine's own order. */
function packed([r, g, b]: Rgb): number {
  return new Uint32Array(Uint8Array.of(r, g, b, 255).buffer)[0] ?? 0;
}
