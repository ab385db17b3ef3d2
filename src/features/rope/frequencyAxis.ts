/** Why a frequency has no place on the log axis. */
export type Strip = 'above' | 'below' | 'zero' | 'negative' | 'nan';

/** The part of the log axis that is drawn, in whole decades. */
export interface Decades {
  readonly low: number;
  readonly high: number;
}

export interface FrequencyAxis {
  readonly decades: Decades;
  /** From the lowest strip to the highest, as log10 of radians per token. */
  readonly domain: readonly [number, number];
  /** Where each strip that is needed stands, in the same unit. */
  readonly strips: ReadonlyMap<Strip, number>;
}

/** How far beyond the healthy frequencies the axis reaches for other lanes. Farther values go to a strip. */
const REACH = 3;
const STRIP_HEIGHT = 26;
const BELOW: readonly Strip[] = ['below', 'zero', 'negative', 'nan'];

/** Whole decades that hold the healthy frequencies, and those of the lanes that lie near them. */
export function decadesOf(
  healthy: ArrayLike<number>,
  lanes: readonly ArrayLike<number>[],
): Decades {
  // Of a head that turns in part, as Gemma 4's, the other pairs have the frequency 0.
  const own = Array.from(healthy, Math.log10).filter(Number.isFinite);
  const least = Math.min(...own);
  const most = Math.max(...own);
  const near = lanes
    .flatMap((lane) => Array.from(lane, Math.log10))
    .filter((place) => place >= least - REACH && place <= most + REACH);
  const low = Math.floor(Math.min(least, ...near));
  // The fastest healthy pair is at 1, the edge of a decade: leave room above it.
  const high = Math.ceil(Math.max(most, ...near) + 0.05);
  return { low, high };
}

/** The strip of a frequency, or null if it is on the axis. */
export function stripOf(frequency: number, { low, high }: Decades): Strip | null {
  if (Number.isNaN(frequency)) return 'nan';
  if (frequency === 0) return 'zero';
  if (frequency < 0) return 'negative';
  const place = Math.log10(frequency);
  if (place > high) return 'above';
  return place < low ? 'below' : null;
}

export function stripLabel(strip: Strip, { low, high }: Decades): string {
  switch (strip) {
    case 'above':
      return `> ${powerOfTen(high)}`;
    case 'below':
      return `< ${powerOfTen(low)}`;
    case 'zero':
      return '0';
    case 'negative':
      return 'below 0';
    case 'nan':
      return 'NaN';
  }
}

/** "1", "10", "10⁻⁶". */
export function powerOfTen(power: number): string {
  if (power === 0) return '1';
  if (power === 1) return '10';
  return `10${String(power).replace(/[-\d]/g, (c) => SUPERSCRIPTS[c] ?? c)}`;
}

const SUPERSCRIPTS: Readonly<Record<string, string>> = {
  '-': '⁻',
  0: '⁰',
  1: '¹',
  2: '²',
  3: '³',
  4: '⁴',
  5: '⁵',
  6: '⁶',
  7: '⁷',
  8: '⁸',
  9: '⁹',
};

/** Gives each strip that some lane needs its line at the edge, and the decades what remains of `height` pixels. */
export function frequencyAxis(
  healthy: ArrayLike<number>,
  lanes: readonly ArrayLike<number>[],
  height: number,
): FrequencyAxis {
  const decades = decadesOf(healthy, lanes);
  const needed = new Set(lanes.flatMap((lane) => Array.from(lane, (f) => stripOf(f, decades))));
  const below = BELOW.filter((strip) => needed.has(strip));
  const count = below.length + (needed.has('above') ? 1 : 0);
  const { low, high } = decades;
  const line = (STRIP_HEIGHT * (high - low)) / Math.max(1, height - count * STRIP_HEIGHT);
  const strips = new Map<Strip, number>();
  if (needed.has('above')) strips.set('above', high + 0.8 * line);
  below.forEach((strip, i) => strips.set(strip, low - (i + 0.8) * line));
  const bottom = low - (below.length === 0 ? 0 : (below.length + 0.3) * line);
  return { decades, strips, domain: [bottom, strips.has('above') ? high + 1.2 * line : high] };
}
