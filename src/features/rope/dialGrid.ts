/** Circles in rows of equal length. */
export interface DialGrid {
  readonly columns: number;
  readonly rows: number;
  /** Side of one circle's square, in CSS pixels. */
  readonly size: number;
  readonly height: number;
}

const TALLEST = 480;
const LARGEST = 104;

/**
 * The largest circles that fit the width and are not taller than a screen; in full rows, if that costs little.
 */
export function dialGrid(pairs: number, width: number): DialGrid {
  let fewest = 1;
  while (width / fewest > LARGEST || Math.ceil(pairs / fewest) * (width / fewest) > TALLEST) {
    fewest++;
  }
  const most = Math.min(pairs, 1.5 * fewest);
  let columns = fewest;
  for (let even = fewest; even <= most; even++) {
    if (pairs % even === 0) {
      columns = even;
      break;
    }
  }
  const size = width / columns;
  const rows = Math.ceil(pairs / columns);
  return { columns, rows, size, height: Math.ceil(rows * size) };
}

/** The pair whose circle is at a point, or null if there is none. */
export function pairAt({ columns, size }: DialGrid, pairs: number, x: number, y: number) {
  const column = Math.floor(x / size);
  const pair = Math.floor(y / size) * columns + column;
  return x >= 0 && y >= 0 && column < columns && pair < pairs ? pair : null;
}

/** Middle of a pair's circle. */
export function dialCentre({ columns, size }: DialGrid, pair: number): readonly [number, number] {
  return [((pair % columns) + 0.5) * size, (Math.floor(pair / columns) + 0.5) * size];
}
