import { parseColour } from '../../ui/figure/colour';
import { traceLane } from '../../ui/figure/laneSymbol';
import { dialCentre, type DialGrid } from './dialGrid';
import { handBetween } from './hand';
import { createInk, createPixels, drawHand, drawRing, type Pixels } from './handPixels';
import type { LaneTables } from './ropeLanes';

export interface DialColours {
  readonly paper: string;
  readonly line: string;
  readonly quiet: string;
  readonly ink: string;
  /** One for each lane. */
  readonly lanes: readonly string[];
  readonly font: string;
}

const TURN = 2 * Math.PI;
/** From this size on, a circle has room for its number and hands for their lane's shape. */
const ROOMY = 36;

const radiusOf = ({ size }: DialGrid) => size * 0.42;

/** Hands of later lanes are shorter, so that hands that agree are all seen. */
const handLength = (radius: number, lane: number, lanes: number) =>
  radius * (0.94 - 0.5 * (lane / Math.max(4, lanes)));

/** What stays while hands turn: circles, their tick at 3 o'clock, their numbers, and which one is read. */
export function paintFaces(
  context: CanvasRenderingContext2D,
  grid: DialGrid,
  pairs: number,
  selected: number,
  { line, quiet, ink, font }: DialColours,
): void {
  const radius = radiusOf(grid);
  context.strokeStyle = line;
  context.beginPath();
  for (let pair = 0; pair < pairs; pair++) {
    const [x, y] = dialCentre(grid, pair);
    context.moveTo(x + radius, y);
    context.arc(x, y, radius, 0, TURN);
    context.moveTo(x + radius, y);
    context.lineTo(x + radius * 0.82, y);
  }
  context.stroke();
  const [x, y] = dialCentre(grid, selected);
  context.strokeStyle = ink;
  context.lineWidth = 2;
  context.beginPath();
  context.arc(x, y, radius + 1, 0, TURN);
  context.stroke();
  context.lineWidth = 1;
  if (grid.size < ROOMY) return;
  context.fillStyle = quiet;
  context.font = `10px ${font}`;
  context.textBaseline = 'top';
  for (let pair = 0; pair < pairs; pair++) {
    const [cx, cy] = dialCentre(grid, pair);
    context.fillText(String(pair), cx - grid.size / 2 + 1, cy - grid.size / 2 + 1);
  }
}

/** The hands of all lanes. A lane whose table holds NaN has a dashed ring: its hand could be anywhere. */
export function paintHands(
  context: CanvasRenderingContext2D,
  grid: DialGrid,
  lanes: readonly LaneTables[],
  position: number,
  colours: DialColours,
): void {
  const radius = radiusOf(grid);
  const roomy = grid.size >= ROOMY;
  lanes.forEach(({ index, tables, attentionFactor }, lane) => {
    // A hand shows where a pair points, not how much the factor stretches it: that would reach into the next circle.
    const length = handLength(radius, lane, lanes.length) / attentionFactor;
    const tip = Math.min(4.5, radius * 0.16);
    const lost: number[] = [];
    const tips: (readonly [number, number])[] = [];
    context.strokeStyle = context.fillStyle = colours.lanes[lane] ?? colours.ink;
    context.lineWidth = roomy ? 2.2 : 1.2;
    context.beginPath();
    for (let pair = 0; pair < tables.pairs; pair++) {
      const [cos, sin] = handBetween(tables, pair, position);
      if (Number.isNaN(cos)) {
        lost.push(pair);
        continue;
      }
      const [x, y] = dialCentre(grid, pair);
      context.moveTo(x, y);
      context.lineTo(x + length * cos, y - length * sin);
      if (roomy) tips.push([x + length * cos, y - length * sin]);
    }
    context.stroke();
    context.beginPath();
    for (const [x, y] of tips) traceLane(context, index, tip, x, y);
    context.fill();
    if (lost.length > 0) paintRings(context, grid, lost, length);
  });
}

/** Are the circles too small for anything but plain hands? Then there are many, and `paintCrowd` is faster. */
export function isCrowded({ size }: DialGrid): boolean {
  return size < ROOMY;
}

/**
 * The same for hundreds of small circles.
 * @param pixels of the whole canvas, kept between frames; made anew if the canvas has another size
 */
export function paintCrowd(
  context: CanvasRenderingContext2D,
  grid: DialGrid,
  lanes: readonly LaneTables[],
  position: number,
  colours: DialColours,
  pixels: Pixels | null,
): Pixels {
  const { width, height } = context.canvas;
  const kept = pixels?.width === width && pixels.height === height;
  const target = kept ? pixels : createPixels(width, height);
  target.words.fill(0);
  const scale = context.getTransform().a;
  const radius = radiusOf(grid) * scale;
  lanes.forEach(({ tables, attentionFactor }, lane) => {
    const ink = createInk(parseColour(colours.lanes[lane] ?? colours.ink) ?? [0, 0, 0]);
    const length = handLength(radius, lane, lanes.length) / attentionFactor;
    for (let pair = 0; pair < tables.pairs; pair++) {
      const [cos, sin] = handBetween(tables, pair, position);
      const [x, y] = dialCentre(grid, pair);
      const centre = [x * scale, y * scale] as const;
      if (Number.isNaN(cos)) drawRing(target, ink, centre, length);
      else {
        const tip = [centre[0] + length * cos, centre[1] - length * sin] as const;
        drawHand(target, ink, centre, tip, 1.2 * scale);
      }
    }
  });
  context.putImageData(new ImageData(target.bytes, width, height), 0, 0);
  return target;
}

function paintRings(
  context: CanvasRenderingContext2D,
  grid: DialGrid,
  pairs: readonly number[],
  radius: number,
): void {
  context.save();
  context.lineWidth = 1.5;
  context.setLineDash([3, 3]);
  context.beginPath();
  for (const pair of pairs) {
    const [x, y] = dialCentre(grid, pair);
    context.moveTo(x + radius, y);
    context.arc(x, y, radius, 0, TURN);
  }
  context.stroke();
  context.restore();
}
