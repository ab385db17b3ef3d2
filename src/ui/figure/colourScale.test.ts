import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { byte, linear, mixColours, parseColour, type Rgb, toOklab } from './colour';
import {
  colourRun,
  type ColourScale,
  domainFromZero,
  legendPlaces,
  LOOKUP_SIZE,
  lookupOf,
  placeInDomain,
  symmetricDomain,
  valueAtPlace,
} from './colourScale';

const finite = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 });

describe('placeInDomain', () => {
  const linearScale: ColourScale = { kind: 'diverging', domain: [-2, 2] };
  const logScale: ColourScale = { kind: 'sequential', domain: [1e-6, 1], spacing: 'log' };

  it('is 0 to 1 and grows with the value', () => {
    fc.assert(
      fc.property(finite, finite, (a, b) => {
        for (const scale of [linearScale, logScale]) {
          const [x, y] = [
            placeInDomain(scale, Math.min(a, b)),
            placeInDomain(scale, Math.max(a, b)),
          ];
          expect(x).toBeGreaterThanOrEqual(0);
          expect(x).toBeLessThanOrEqual(y);
          expect(y).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  it('puts zero in the middle of a symmetric domain, and at the low end of a log one', () => {
    expect(placeInDomain(linearScale, 0)).toBe(0.5);
    expect(placeInDomain(logScale, 0)).toBe(0);
  });

  it('has no place for NaN, and the ends for infinities', () => {
    expect(placeInDomain(linearScale, Number.NaN)).toBeNaN();
    expect(placeInDomain(linearScale, Number.NEGATIVE_INFINITY)).toBe(0);
    expect(placeInDomain(linearScale, Number.POSITIVE_INFINITY)).toBe(1);
  });

  it('is undone by valueAtPlace at the numbers of the legend', () => {
    for (const scale of [linearScale, logScale]) {
      for (const place of legendPlaces(scale)) {
        expect(placeInDomain(scale, valueAtPlace(scale, place))).toBeCloseTo(place);
      }
    }
  });
});

describe('lookupOf', () => {
  it('finds the entry at the value’s place, up to rounding', () => {
    const scale = fc.record({
      low: finite,
      span: fc.double({ min: 1e-6, max: 1e6, noNaN: true }),
      spacing: fc.constantFrom('linear' as const, 'log' as const),
    });
    const value = fc.oneof(finite, fc.constantFrom(Infinity, -Infinity, 0));
    fc.assert(
      fc.property(scale, value, ({ low, span, spacing }, value) => {
        const from = spacing === 'log' ? Math.abs(low) + 1e-9 : low;
        const scale: ColourScale = { kind: 'sequential', domain: [from, from + span], spacing };
        const entry = lookupOf(scale)(value);
        expect(Number.isInteger(entry)).toBe(true);
        const place = placeInDomain(scale, value) * (LOOKUP_SIZE - 1);
        expect(Math.abs(entry - place)).toBeLessThan(0.5 + 1e-6);
      }),
    );
  });

  it('takes the middle of a domain without extent', () => {
    expect(lookupOf({ kind: 'diverging', domain: [1, 1] })(1)).toBe(128);
  });
});

describe('domains', () => {
  it('reach as far as the largest finite value', () => {
    const values = [0.5, -3, Number.NaN, Number.POSITIVE_INFINITY];
    expect(symmetricDomain(values)).toEqual([-3, 3]);
    expect(domainFromZero(values)).toEqual([0, 3]);
  });

  it('are never empty', () => {
    expect(symmetricDomain([])).toEqual([-1, 1]);
    expect(symmetricDomain([0, Number.NaN])).toEqual([-1, 1]);
  });
});

describe('mixColours', () => {
  it('begins and ends with the colours', () => {
    const [from, to]: readonly [Rgb, Rgb] = [
      [83, 42, 128],
      [247, 245, 240],
    ];
    expect(mixColours(from, to, 0)).toEqual(from);
    expect(mixColours(from, to, 1)).toEqual(to);
  });
});

/** Simulation of missing cones in linear light (Machado, Oliveira and Fernandes 2009, severity 1). */
const VISION: Readonly<Record<string, readonly (readonly [number, number, number])[]>> = {
  typical: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

describe.each(['light', 'dark'] as const)('the scales of the %s theme', (scheme) => {
  const sheet = readFileSync(new URL('./Heatmap.module.css', import.meta.url), 'utf8');
  const stop = (name: string): Rgb => {
    const pair = new RegExp(`--${name}: light-dark\\((#\\w+), (#\\w+)\\)`).exec(sheet);
    return parseColour(pair?.[scheme === 'light' ? 1 : 2] ?? '') ?? [0, 0, 0];
  };
  const diverging = colourRun(
    ['heat-below-2', 'heat-below-1', 'heat-0', 'heat-above-1', 'heat-above-2'].map(stop),
  );
  const sequential = colourRun(['heat-0', 'heat-1', 'heat-2', 'heat-3'].map(stop));

  it.each(Object.keys(VISION))('tell their values apart with %s', (vision) => {
    const seen = (run: readonly Rgb[], place: number) =>
      toOklab(throughEyes(run[Math.round(place * 255)] ?? [0, 0, 0], VISION[vision] ?? []));
    const apart = (run: readonly Rgb[], a: number, b: number) =>
      Math.hypot(...seen(run, a).map((x, i) => x - (seen(run, b)[i] ?? 0)));
    // 0.02 in OKLab is about what an eye just tells apart, side by side.
    expect(apart(diverging, 0, 1)).toBeGreaterThan(0.12);
    expect(apart(diverging, 0.25, 0.75)).toBeGreaterThan(0.06);
    expect(apart(diverging, 0, 0.5)).toBeGreaterThan(0.3);
    expect(apart(diverging, 1, 0.5)).toBeGreaterThan(0.3);
    for (let i = 0; i < 8; i++) {
      expect(apart(sequential, i / 8, (i + 1) / 8)).toBeGreaterThan(0.04);
    }
  });

  it('run steadily in lightness, so that they work without colour', () => {
    const steps = (run: readonly Rgb[]) =>
      run.slice(1).map((colour, i) => toOklab(colour)[0] - toOklab(run[i] ?? colour)[0]);
    const sign = scheme === 'light' ? -1 : 1;
    for (const step of steps(sequential)) expect(sign * step).toBeGreaterThan(-0.004);
    for (const step of steps(diverging.slice(128))) expect(sign * step).toBeGreaterThan(-0.004);
    for (const step of steps(diverging.slice(0, 128))) expect(sign * step).toBeLessThan(0.004);
  });
});

function throughEyes(colour: Rgb, matrix: readonly (readonly [number, number, number])[]): Rgb {
  const [r, g, b] = [linear(colour[0]), linear(colour[1]), linear(colour[2])];
  const [x = 0, y = 0, z = 0] = matrix.map(([p, q, s]) => byte(p * r + q * g + s * b));
  return [x, y, z];
}
