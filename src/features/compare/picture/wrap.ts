import type { Font, Measure } from './font';

/** User-perceived characters, so that none is cut in two. */
const characters = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** A text in lines of at most `width` pixels: broken between words, and within a word that is wider than a line. */
export function wrapText(text: string, width: number, font: Font, measure: Measure): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/(?<= )/)) {
    if (measure((line + word).trimEnd(), font) <= width) {
      line += word;
      continue;
    }
    if (line !== '') lines.push(line.trimEnd());
    const pieces = breakWord(word, width, font, measure);
    lines.push(...pieces.slice(0, -1));
    line = pieces.at(-1) ?? '';
  }
  return [...lines, line.trimEnd()];
}

/** A text that is cut to a width, with an ellipsis where it was cut. */
export function cutText(text: string, width: number, font: Font, measure: Measure): string {
  if (measure(text, font) <= width) return text;
  return `${fitting(text, width - measure('…', font), font, measure)}…`;
}

function breakWord(word: string, width: number, font: Font, measure: Measure): string[] {
  const pieces: string[] = [];
  let rest = word;
  while (measure(rest.trimEnd(), font) > width) {
    const piece = fitting(rest, width, font, measure);
    pieces.push(piece);
    rest = rest.slice(piece.length);
  }
  return [...pieces, rest];
}

/** As many whole characters as fit, at least one. */
function fitting(text: string, width: number, font: Font, measure: Measure): string {
  let end = 0;
  for (const { index, segment } of characters.segment(text)) {
    const next = index + segment.length;
    if (end > 0 && measure(text.slice(0, next), font) > width) break;
    end = next;
  }
  return text.slice(0, end);
}
