/** How a text of the picture is set. */
export interface Font {
  /** In pixels. */
  readonly size: number;
  readonly weight: 400 | 600 | 700;
  readonly family: string;
  readonly italic?: boolean;
}

/** A text's width in pixels. The page measures; a test counts. */
export type Measure = (text: string, font: Font) => number;

const SANS = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', sans-serif";
const SERIF = "ui-serif, 'Iowan Old Style', Palatino, Georgia, 'Liberation Serif', serif";
const MONO = "ui-monospace, 'SF Mono', Menlo, Consolas, 'Liberation Mono', monospace";

export const FONTS = {
  name: { size: 13, weight: 600, family: SANS },
  headline: { size: 28, weight: 600, family: SERIF },
  text: { size: 15, weight: 400, family: SANS },
  strong: { size: 15, weight: 600, family: SANS },
  small: { size: 12.5, weight: 400, family: SANS },
  flag: { size: 12, weight: 600, family: SANS },
  number: { size: 11, weight: 400, family: SANS },
  token: { size: 15, weight: 400, family: MONO },
  parting: { size: 15, weight: 700, family: MONO },
  label: { size: 13, weight: 400, family: MONO, italic: true },
  link: { size: 11.5, weight: 400, family: MONO },
} as const satisfies Readonly<Record<string, Font>>;

/** As the `font` of CSS and of a canvas has it. */
export function cssFont({ size, weight, family, italic = false }: Font): string {
  return `${italic ? 'italic ' : ''}${weight} ${size}px ${family}`;
}
