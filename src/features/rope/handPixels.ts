import type { Rgb } from '../../ui/figure/colour';

/** RGBA pixels of a canvas, one word each, in this machine's byte order. */
export interface Pixels {
  readonly words: Uint32Array;
  /** The same memory, byte by byte. */
  readonly bytes: Uint8ClampedArray<ArrayBuffer>;
  readonly width: number;
  readonly height: number;
}

export function createPixels(width: number, height: number): Pixels {
  const words = new Uint32Array(width * height);
  return { words, bytes: new Uint8ClampedArray(words.buffer), width, height };
}

/** A colour as pixels, one for each degree of cover from 0 to 255. */
export type Ink = Uint32Array;

export function createInk([red, green, blue]: Rgb): Ink {
  const bytes = new Uint8Array(4 * 256);
  for (let cover = 0; cover < 256; cover++) bytes.set([red, green, blue, cover], 4 * cover);
  return new Uint32Array(bytes.buffer);
}

/**
 * A straight line with soft edges, about `thickness` pixels wide. Thousands of hands are drawn in a frame so, where the
 * canvas, when there is no GPU behind it, takes ten times as long. Where lines cross, the more solid pixel stays.
 * The line must lie inside the canvas.
 */
export function drawHand(
  pixels: Pixels,
  ink: Ink,
  [x0, y0]: readonly [number, number],
  [x1, y1]: readonly [number, number],
  thickness: number,
): void {
  const steep = Math.abs(y1 - y0) > Math.abs(x1 - x0);
  const [from, to] = steep ? [y0, y1] : [x0, x1];
  const [side, end] = steep ? [x0, x1] : [y0, y1];
  const first = Math.round(Math.min(from, to));
  const last = Math.round(Math.max(from, to));
  const slope = to === from ? 0 : (end - side) / (to - from);
  // Across a slanted line, the same thickness covers more pixels of a row or column.
  const half = (thickness / 2) * Math.sqrt(1 + slope * slope);
  const { words, bytes, width } = pixels;
  const along = steep ? width : 1;
  const sideways = steep ? 1 : width;
  for (let at = first; at <= last; at++) {
    const middle = side + (at - from) * slope;
    const high = Math.ceil(middle + half);
    for (let across = Math.floor(middle - half); across <= high; across++) {
      const cover = half + 0.5 - Math.abs(across - middle);
      if (cover <= 0) continue;
      const alpha = cover >= 1 ? 255 : (255 * cover) | 0;
      const pixel = at * along + across * sideways;
      if ((bytes[4 * pixel + 3] ?? 0) <= alpha) words[pixel] = ink[alpha] ?? 0;
    }
  }
}

const DASHES = 12;

/** A ring of dots around a centre, inside the canvas. */
export function drawRing(
  { words, width }: Pixels,
  ink: Ink,
  [x, y]: readonly [number, number],
  radius: number,
): void {
  for (let dash = 0; dash < DASHES; dash++) {
    const angle = (dash * 2 * Math.PI) / DASHES;
    const px = Math.round(x + radius * Math.cos(angle));
    const py = Math.round(y + radius * Math.sin(angle));
    for (const pixel of [py * width + px, py * width + px + 1, (py + 1) * width + px]) {
      words[pixel] = ink[255] ?? 0;
    }
  }
}
