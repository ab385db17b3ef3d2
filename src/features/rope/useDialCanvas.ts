import { useCallback, useLayoutEffect, useMemo, useRef } from 'react';
import { type ColourScheme, resolveColour, useColourScheme } from '../../ui/figure/themeColours';
import { traceLane } from '../../ui/figure/laneSymbol';
import { laneColour } from '../../ui/lane';
import type { DialGrid } from './dialGrid';
import { type DialColours, isCrowded, paintCrowd, paintFaces, paintHands } from './dialPaint';
import type { Pixels } from './handPixels';
import type { LaneTables } from './ropeLanes';

interface DialCanvas {
  /** In CSS pixels; 0 until it is known. */
  readonly width: number;
  readonly grid: DialGrid;
  readonly lanes: readonly LaneTables[];
  /** The pair that is read. */
  readonly selected: number;
}

/**
 * Two layers of dials: faces, painted when the size, the theme or the pair that is read changes, and above them hands,
 * painted in every frame. And both at once, as a picture.
 */
export function useDialCanvas({ width, grid, lanes, selected }: DialCanvas) {
  const faces = useRef<HTMLCanvasElement>(null);
  const hands = useRef<HTMLCanvasElement>(null);
  const pixels = useRef<Pixels>(null);
  const scheme = useColourScheme();
  const colours = useMemo(() => dialColours(lanes, scheme), [lanes, scheme]);
  const pairs = lanes[0]?.tables.pairs ?? 0;

  useLayoutEffect(() => {
    for (const canvas of [faces.current, hands.current]) fit(canvas, width, grid.height);
  }, [width, grid]);

  useLayoutEffect(() => {
    const context = faces.current?.getContext('2d');
    if (!context || width === 0) return;
    context.clearRect(0, 0, width, grid.height);
    paintFaces(context, grid, pairs, selected, colours);
  }, [width, grid, pairs, selected, colours]);

  const draw = useCallback(
    (position: number) => {
      const context = hands.current?.getContext('2d');
      if (!context || width === 0) return;
      if (isCrowded(grid)) {
        pixels.current = paintCrowd(context, grid, lanes, position, colours, pixels.current);
        return;
      }
      context.clearRect(0, 0, width, grid.height);
      paintHands(context, grid, lanes, position, colours);
    },
    [width, grid, lanes, colours],
  );

  const picture = (title: string, position: number): HTMLCanvasElement => {
    const canvas = document.createElement('canvas');
    const head = 40 + 20 * lanes.length;
    fit(canvas, width + 2 * PADDING, grid.height + head + 2 * PADDING, PICTURE_SCALE);
    const context = canvas.getContext('2d');
    if (context === null) return canvas;
    context.fillStyle = colours.paper;
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.translate(PADDING, PADDING);
    paintHead(context, title, lanes, colours);
    context.translate(0, head);
    paintFaces(context, grid, pairs, selected, colours);
    paintHands(context, grid, lanes, position, colours);
    return canvas;
  };
  return { faces, hands, draw, picture };
}

const PADDING = 16;
const PICTURE_SCALE = 2;

/** Sizes a canvas in CSS pixels, as fine as the screen; also empties it. */
function fit(
  canvas: HTMLCanvasElement | null,
  width: number,
  height: number,
  scale = window.devicePixelRatio,
): void {
  if (canvas === null) return;
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  canvas.getContext('2d')?.scale(scale, scale);
}

function dialColours(lanes: readonly LaneTables[], scheme: ColourScheme): DialColours {
  const read = (value: string) => resolveColour(document.body, value, scheme);
  return {
    paper: read('var(--paper)'),
    line: read('var(--control)'),
    quiet: read('var(--quiet)'),
    ink: read('var(--ink)'),
    lanes: lanes.map(({ index }) => read(laneColour(index))),
    font: getComputedStyle(document.body).fontFamily,
  };
}

function paintHead(
  context: CanvasRenderingContext2D,
  title: string,
  lanes: readonly LaneTables[],
  { ink, font, lanes: own }: DialColours,
): void {
  context.fillStyle = ink;
  context.font = `600 17px ${font}`;
  context.fillText(title, 0, 16);
  context.font = `13px ${font}`;
  lanes.forEach(({ index, name }, lane) => {
    const y = 40 + 20 * lane;
    context.fillStyle = own[lane] ?? ink;
    context.beginPath();
    traceLane(context, index, 5, 6, y - 4);
    context.fill();
    context.fillStyle = ink;
    context.fillText(name, 18, y);
  });
}
