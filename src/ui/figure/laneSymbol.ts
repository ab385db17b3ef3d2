import { laneShape } from '../laneShape';

/** What a shape is traced on: a canvas, a path of Observable Plot, or text for SVG. */
interface Tracer {
  moveTo(x: number, y: number): void;
  lineTo(x: number, y: number): void;
  arc(x: number, y: number, radius: number, from: number, to: number): void;
  closePath(): void;
}

/** Traces a lane's shape around the origin or a point, about as large as a circle of that radius. */
export function traceLane(tracer: Tracer, lane: number, radius: number, x = 0, y = 0): void {
  const { corners } = laneShape(lane);
  if (corners === null) {
    tracer.moveTo(x + radius, y);
    tracer.arc(x, y, radius, 0, 2 * Math.PI);
    return;
  }
  corners.forEach(([cx, cy], i) => {
    if (i === 0) tracer.moveTo(x + radius * cx, y + radius * cy);
    else tracer.lineTo(x + radius * cx, y + radius * cy);
  });
  tracer.closePath();
}

/** A lane's shape as a symbol of Observable Plot. */
export function laneSymbol(lane: number) {
  return {
    /** @param area of the symbol in square pixels, as d3-shape has it */
    draw(tracer: Tracer, area: number): void {
      traceLane(tracer, lane, Math.sqrt(area / Math.PI));
    },
  };
}

/** A lane's shape as the `d` of an SVG path. */
export function lanePath(lane: number, radius: number): string {
  const parts: string[] = [];
  const point = (x: number, y: number) => `${x.toFixed(2)},${y.toFixed(2)}`;
  traceLane(
    {
      moveTo: (x, y) => parts.push(`M${point(x, y)}`),
      lineTo: (x, y) => parts.push(`L${point(x, y)}`),
      arc: (x, y, r) => {
        // Two halves: an arc that ends where it begins is not drawn.
        parts.push(`A${r},${r} 0 1 1 ${point(x - r, y)}A${r},${r} 0 1 1 ${point(x + r, y)}`);
      },
      closePath: () => parts.push('Z'),
    },
    lane,
    radius,
  );
  return parts.join('');
}
