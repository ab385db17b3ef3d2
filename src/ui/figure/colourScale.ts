import { mixColours, type Rgb } from './colour';

/** How values become colours. What lies outside the domain takes the colour of its end. */
export interface ColourScale {
  /** Diverging: two hues that meet in the paper's colour, at the middle of the domain. Sequential: from paper to ink. */
  readonly kind: 'diverging' | 'sequential';
  readonly domain: readonly [low: number, high: number];
  /** 'log' is for sequential scales of a positive domain; zero and negative values take the low end. */
  readonly spacing?: 'linear' | 'log';
}

/** Entries of a lookup table: one for each step of colour that a byte can show. */
export const LOOKUP_SIZE = 256;

/** Where a value stands in its domain, 0 to 1; NaN for NaN. */
export function placeInDomain(
  { domain: [low, high], spacing }: ColourScale,
  value: number,
): number {
  if (Number.isNaN(value)) return Number.NaN;
  const place =
    spacing === 'log'
      ? value <= 0
        ? 0
        : Math.log(value / low) / Math.log(high / low)
      : (value - low) / (high - low);
  if (Number.isNaN(place)) return 0.5;
  return Math.min(1, Math.max(0, place));
}

/**
 * The entry of a lookup table for each value that is a number: where `placeInDomain` puts it. What is the same for all
 * values is computed once, and adding a half before cutting off is several times faster than Math.round.
 */
export function lookupOf(scale: ColourScale): (value: number) => number {
  const [low, high] = scale.domain;
  const last = LOOKUP_SIZE - 1;
  if (scale.spacing === 'log' || !(high > low)) {
    return (value) => (placeInDomain(scale, value) * last + 0.5) | 0;
  }
  const perUnit = last / (high - low);
  return (value) => {
    const entry = (value - low) * perUnit;
    return entry <= 0 ? 0 : entry >= last ? last : (entry + 0.5) | 0;
  };
}

/** The value at a place of the domain, for the numbers of a legend. */
export function valueAtPlace({ domain: [low, high], spacing }: ColourScale, place: number): number {
  return spacing === 'log' ? low * (high / low) ** place : low + (high - low) * place;
}

/** The places of a legend's numbers. */
export function legendPlaces({ kind, spacing }: ColourScale): readonly number[] {
  return kind === 'diverging' || spacing === 'log' ? [0, 0.5, 1] : [0, 1];
}

/** A smooth run of LOOKUP_SIZE colours through the stops, which are evenly spaced. */
export function colourRun(stops: readonly Rgb[]): Rgb[] {
  const last = stops.length - 1;
  return Array.from({ length: LOOKUP_SIZE }, (_, i) => {
    const at = (i / (LOOKUP_SIZE - 1)) * last;
    const from = Math.min(Math.floor(at), last - 1);
    return mixColours(stops[from] ?? BLACK, stops[from + 1] ?? BLACK, at - from);
  });
}

const BLACK: Rgb = [0, 0, 0];

/**
 * The domain from −m to m, with m the largest finite |value|; from −1 to 1 where all are zero or none is finite. So
 * that zero is in the middle of a diverging scale.
 */
export function symmetricDomain(values: Iterable<number>): readonly [number, number] {
  const [, most] = domainFromZero(values);
  return [-most, most];
}

/** The domain from 0 to the largest finite |value|; from 0 to 1 where all are zero or none is finite. */
export function domainFromZero(values: Iterable<number>): readonly [number, number] {
  let most = 0;
  for (const value of values) {
    const size = Math.abs(value);
    if (size > most && size < Number.POSITIVE_INFINITY) most = size;
  }
  return [0, most === 0 ? 1 : most];
}
