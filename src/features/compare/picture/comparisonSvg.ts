import { escapeXml } from '../../../ui/figure/svg';
import type { PictureContent } from './content';
import { type Font, FONTS, type Measure } from './font';
import type { Palette } from './palette';
import { type Drawn, drawStrips } from './strips';
import { element, laneShape, textLine } from './svgMarkup';
import { cutText, wrapText } from './wrap';

export interface Picture {
  readonly svg: string;
  /** In CSS pixels. */
  readonly width: number;
  readonly height: number;
}

const WIDTH = 1200;
const MARGIN = 36;
const ROOM = WIDTH - 2 * MARGIN;
/** Of the prompt; the rest is counted. */
const MOST_PROMPT_TOKENS = 120;
const HANGING = 22;

/** A comparison as one picture that stands by itself: what came of it, what it was made from, and its lanes. */
export function comparisonSvg(
  content: PictureContent,
  palette: Palette,
  measure: Measure,
): Picture {
  const { ink, quiet } = palette;
  const parts: string[] = [];
  let y = 0;
  const skip = (pixels: number) => (y += pixels);
  const paragraph = (text: string, font: Font, fill: string, indent = 0) => {
    const lineHeight = Math.round(font.size * 1.45);
    for (const line of wrapText(text, ROOM - indent, font, measure)) {
      parts.push(textLine(indent, y + font.size, line, font, fill));
      skip(lineHeight);
    }
  };
  const drawing = ({ markup, height }: Drawn) => {
    parts.push(element('g', { transform: `translate(0 ${y})` }, markup));
    skip(height);
  };
  const mark = (lane: number) =>
    parts.push(laneShape(lane, 8, y + 10, palette.lanes[lane]?.own ?? ink));

  paragraph('RoPE Collapse Playground', FONTS.name, quiet);
  paragraph(content.headline, FONTS.headline, ink);
  skip(4);
  for (const { lane, text } of content.lines) {
    if (lane !== null) mark(lane);
    paragraph(text, FONTS.text, ink, lane === null ? 0 : HANGING);
  }
  skip(4);
  paragraph(content.facts.join('  /  '), FONTS.small, quiet);

  skip(18);
  const { prompt } = content;
  paragraph(`Prompt, ${prompt.length} tokens`, FONTS.name, quiet);
  skip(2);
  const shown = prompt.slice(0, MOST_PROMPT_TOKENS).map((token) => [token]);
  drawing(drawStrips({ columns: shown, lanes: 1, numbered: null }, ROOM, palette, measure));
  if (prompt.length > shown.length) {
    skip(4);
    paragraph(`… and ${prompt.length - shown.length} more`, FONTS.small, quiet);
  }

  skip(20);
  for (const [lane, { name, count }] of content.lanes.entries()) {
    mark(lane);
    const room = ROOM - HANGING - 12 - measure(count, FONTS.text);
    const cut = cutText(name, room, FONTS.strong, measure);
    parts.push(textLine(HANGING, y + 15, cut, FONTS.strong, ink));
    const after = HANGING + 12 + measure(cut, FONTS.strong);
    parts.push(textLine(after, y + 15, count, FONTS.text, quiet));
    skip(22);
  }
  skip(2);
  paragraph(keyOf(content), FONTS.small, quiet);
  skip(10);
  const { steps: columns, firstParting } = content;
  const lanes = content.lanes.length;
  drawing(drawStrips({ columns, lanes, numbered: { firstParting } }, ROOM, palette, measure));

  if (content.link !== null) {
    skip(24);
    paragraph('Open this address to run it again and compare:', FONTS.small, quiet);
    paragraph(content.link, FONTS.link, ink);
  }
  return standalone(parts.join(''), Math.ceil(y + 2 * MARGIN), content, palette);
}

/** How to read the strips without their colours. */
function keyOf({ firstParting, forced, steps }: PictureContent): string {
  if (forced) {
    return 'Teacher-forced: every lane has read the prompt and the healthy row. A row shows what its lane would have chosen next; dashed where that is another token.';
  }
  if (firstParting === null) return 'No lane parts from the first.';
  const partsLater = steps.some((tokens) => tokens.some((token) => token?.partsHere === true));
  return [
    'Flag: the first token at which a lane parts. Dashed: a lane that has parted from the first; solid: the first lane from there on.',
    ...(partsLater ? ['Double bar: a lane that parts later.'] : []),
  ].join(' ');
}

function standalone(
  markup: string,
  height: number,
  { headline }: PictureContent,
  { paper }: Palette,
): Picture {
  const svg = element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      width: WIDTH,
      height,
      viewBox: `0 0 ${WIDTH} ${height}`,
      'xml:space': 'preserve',
    },
    [
      element('title', {}, escapeXml(headline)),
      element('rect', { width: '100%', height: '100%', fill: paper }),
      element('g', { transform: `translate(${MARGIN} ${MARGIN})` }, markup),
    ].join(''),
  );
  return { svg, width: WIDTH, height };
}
