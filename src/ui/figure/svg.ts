import { lanePath } from './laneSymbol';

/** One line of a figure's key: a lane's shape and colour, and its name. */
export interface Key {
  readonly lane: number;
  readonly colour: string;
  readonly name: string;
}

export interface StandaloneSvg {
  /** Svg elements that lie upon each other, as text. */
  readonly drawing: string;
  /** Size of the drawing, in pixels. */
  readonly width: number;
  readonly height: number;
  readonly title: string;
  readonly keys: readonly Key[];
  readonly paper: string;
  readonly ink: string;
}

const PADDING = 16;
const TITLE = 30;
const KEY_LINE = 20;
/** Estimate of a letter's width: an SVG file cannot measure its text. */
const LETTER = 6.6;

/** A picture that stands by itself: the drawing with its title and key above, on paper. Colours must be resolved. */
export function standaloneSvg(picture: StandaloneSvg): string {
  const { drawing, width, height, title, keys, paper, ink } = picture;
  const placed = placeKeys(keys, width);
  const lines = placed.length === 0 ? 0 : Math.max(...placed.map(({ line }) => line)) + 1;
  const head = TITLE + lines * KEY_LINE;
  const whole = [width + 2 * PADDING, height + head + 2 * PADDING] as const;
  const key = placed.map(({ lane, colour, name, x, line }) => {
    const y = TITLE + line * KEY_LINE;
    return (
      `<path d="${lanePath(lane, 4)}" transform="translate(${x + 5} ${y})" fill="${escapeXml(colour)}"/>` +
      `<text x="${x + 15}" y="${y + 4}" font-size="12">${escapeXml(name)}</text>`
    );
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${whole[0]}" height="${whole[1]}"`,
    ` viewBox="0 0 ${whole[0]} ${whole[1]}" font-family="system-ui, sans-serif"`,
    ` color="${escapeXml(ink)}" fill="currentColor">`,
    `<title>${escapeXml(title)}</title>`,
    `<rect width="100%" height="100%" fill="${escapeXml(paper)}"/>`,
    `<g transform="translate(${PADDING} ${PADDING})">`,
    `<text y="14" font-size="16" font-weight="600">${escapeXml(title)}</text>`,
    ...key,
    `<g transform="translate(0 ${head})">${drawing}</g></g></svg>`,
  ].join('');
}

/** Replaces every `var(…)` of the markup, whole and with its fallbacks, by what `resolve` makes of it. */
export function replaceVariables(markup: string, resolve: (expression: string) => string): string {
  let result = '';
  let from = 0;
  for (;;) {
    const start = markup.indexOf('var(--', from);
    if (start < 0) return result + markup.slice(from);
    let depth = 0;
    let end = start + 3;
    do {
      if (markup[end] === '(') depth++;
      else if (markup[end] === ')') depth--;
      end++;
    } while (depth > 0 && end < markup.length);
    result += markup.slice(from, start) + escapeXml(resolve(markup.slice(start, end)));
    from = end;
  }
}

/** The keys from left to right, wrapped to the width. */
export function placeKeys(keys: readonly Key[], width: number) {
  let x = 0;
  let line = 0;
  return keys.map((key) => {
    const own = 30 + LETTER * key.name.length;
    if (x > 0 && x + own > width) {
      x = 0;
      line++;
    }
    const placed = { ...key, x, line };
    x += own;
    return placed;
  });
}

export function escapeXml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
