/** What a shape is traced on: a canvas, a path of Observable Plot, or text for SVG. */
interface Tracer {
  moveTo(x: number, y: number): void;
  lineTo(x: number, y: number): void;
  arc(x: number, y: number, radius: number, from: number, to: number): void;
  closePath(): void;
}

type Corner = readonly [x: number, y: number];

const TURN = 2 * Math.PI;

const around = (corners: number, radius: (i: number) => number, start = -TURN / 4): Corner[] =>
  Array.from({ length: corners }, (_, i) => {
    const angle = start + (i * TURN) / corners;
    return [radius(i) * Math.cos(angle), radius(i) * Math.sin(angle)];
  });

const ARM = 0.4;
const CROSS: readonly Corner[] = [
  [-ARM, -1.15],
  [ARM, -1.15],
  [ARM, -ARM],
  [1.15, -ARM],
  [1.15, ARM],
  [ARM, ARM],
  [ARM, 1.15],
  [-ARM, 1.15],
  [-ARM, ARM],
  [-1.15, ARM],
  [-1.15, -ARM],
  [-ARM, -ARM],
];

/** The shapes of the lanes in the order of `LaneMark`: ● ▲ ■ ◆ ▼ ✚ ★ ⬟. Null is the circle. */
const SHAPES: readonly (readonly Corner[] | null)[] = [
  null,
  around(3, () => 1.35),
  around(4, () => 1.3, TURN / 8),
  around(4, () => 1.35),
  around(3, () => 1.35, TURN / 4),
  CROSS,
  around(10, (i) => (i % 2 === 0 ? 1.5 : 0.65)),
  around(5, () => 1.25),
];

/** Traces a lane's shape around the origin or a point, about as large as a circle of that radius. */
export function traceLane(tracer: Tracer, lane: number, radius: number, x = 0, y = 0): void {
  const corners = SHAPES[lane % SHAPES.length];
  if (corners === null || corners === undefined) {
    tracer.moveTo(x + radius, y);
    tracer.arc(x, y, radius, 0, TURN);
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
