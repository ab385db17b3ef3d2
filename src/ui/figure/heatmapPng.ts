import { heatmapColours } from './heatmapColours';
import type { HeatmapDrawing } from './heatmapDrawing';
import { heatmapLayout } from './heatmapLayout';
import { paintHeatmap } from './heatmapPaint';
import { canvasToPng } from './save';

const SCALE = 2;
const WIDTH = 520;
const HEIGHT = 440;
const HEAD = 44;
const PANEL_HEAD = 24;
const PADDING = 16;

/** Heatmaps beside each other under one title, in the page's colours, as a PNG file. */
export function heatmapPng(
  title: string,
  panels: readonly HeatmapDrawing[],
  within: Element,
): Promise<Blob> {
  const canvas = document.createElement('canvas');
  const width = panels.length * (WIDTH + PADDING) + PADDING;
  const height = HEAD + PANEL_HEAD + HEIGHT + PADDING;
  canvas.width = width * SCALE;
  canvas.height = height * SCALE;
  const context = canvas.getContext('2d');
  if (context === null) return Promise.reject(new Error('The browser gave no canvas to draw on.'));
  context.scale(SCALE, SCALE);
  const layout = heatmapLayout(WIDTH, HEIGHT);
  panels.forEach((panel, i) => {
    const colours = heatmapColours(within, panel);
    if (i === 0) {
      const [r, g, b] = colours.paper;
      context.fillStyle = `rgb(${r} ${g} ${b})`;
      context.fillRect(0, 0, width, height);
      write(context, title, PADDING, 28, `600 17px ${colours.font}`, colours.ink);
    }
    const left = PADDING + i * (WIDTH + PADDING);
    write(
      context,
      panel.title,
      left + layout.plot.x,
      HEAD + 14,
      `600 13px ${colours.font}`,
      colours.ink,
    );
    context.save();
    context.translate(left, HEAD + PANEL_HEAD);
    paintHeatmap(context, panel, layout, colours);
    context.restore();
  });
  return canvasToPng(canvas);
}

function write(
  context: CanvasRenderingContext2D,
  text: string,
  x: number,
  y: number,
  font: string,
  colour: string,
): void {
  context.font = font;
  context.fillStyle = colour;
  context.textAlign = 'left';
  context.textBaseline = 'alphabetic';
  context.fillText(text, x, y);
}
