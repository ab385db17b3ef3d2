import { parseColour } from '../../../ui/figure/colour';

/** The colours of the picture, each as SVG takes it. */
export interface Palette {
  readonly paper: string;
  readonly surface: string;
  readonly sunken: string;
  readonly ink: string;
  readonly quiet: string;
  readonly alarm: string;
  readonly alarmTint: string;
  /** Of each lane its own, and two tints of it for the ground of tokens that stand apart. */
  readonly lanes: readonly LaneColours[];
}

export interface LaneColours {
  readonly own: string;
  readonly tints: readonly [string, string];
}

/** As TokenStrips.module.css mixes them. */
const TINTS = [0.13, 0.2] as const;

/**
 * The page's colours as they are now.
 * @param resolve a CSS value such as `var(--ink)` as `rgb(…)`
 */
export function paletteOf(lanes: number, resolve: (value: string) => string): Palette {
  const named = (name: string) => resolve(`var(--${name})`);
  const surface = named('surface');
  return {
    paper: named('paper'),
    surface,
    sunken: named('sunken'),
    ink: named('ink'),
    quiet: named('quiet'),
    alarm: named('alarm'),
    alarmTint: named('alarm-tint'),
    lanes: Array.from({ length: lanes }, (_, lane) => {
      const own = resolve(`var(--lane-${lane}, var(--ink))`);
      const [weak, strong] = TINTS;
      return { own, tints: [tint(own, surface, weak), tint(own, surface, strong)] };
    }),
  };
}

/** Plain numbers: what CSS writes for `color-mix` few programs read in an SVG file. */
function tint(own: string, surface: string, share: number): string {
  const [from, to] = [parseColour(surface), parseColour(own)];
  if (from === undefined || to === undefined) return surface;
  const channel = (i: 0 | 1 | 2) => Math.round(from[i] + (to[i] - from[i]) * share);
  return `rgb(${channel(0)}, ${channel(1)}, ${channel(2)})`;
}
