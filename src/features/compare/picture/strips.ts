import type { DrawnToken } from './content';
import { FONTS, type Measure } from './font';
import type { Palette } from './palette';
import { element, laneShape, textLine } from './svgMarkup';
import { cutText } from './wrap';

const ROW = 30;
const BETWEEN = 2;
const GUTTER = 20;
const LINE_GAP = 14;
/** The lanes' marks stand here, before their rows. */
const RAIL = 24;
const PADDING = 6.5;
const NARROWEST = 24;
/** A longer token is cut, so that the picture stays readable. */
const WIDEST = 340;
const FLAG_TAIL = 10;

/** A part of the picture and what height it takes. */
export interface Drawn {
  readonly markup: string;
  readonly height: number;
}

export interface StripColumns {
  /** columns[step][lane]; undefined where a lane has no token. */
  readonly columns: readonly (readonly (DrawnToken | undefined)[])[];
  readonly lanes: number;
  /** Over each column its number and, over this one, the flag; null: no numbers at all. */
  readonly numbered: { readonly firstParting: number | null } | null;
}

/** Token strips that wrap together: a column for each step, a row for each lane. */
export function drawStrips(
  strips: StripColumns,
  width: number,
  palette: Palette,
  measure: Measure,
): Drawn {
  const { columns, lanes, numbered } = strips;
  const rail = numbered === null ? 0 : RAIL;
  const gutter = numbered === null ? 0 : GUTTER;
  const lineHeight = gutter + lanes * (ROW + BETWEEN) + LINE_GAP;
  const flagAt = numbered?.firstParting ?? null;
  const widths = columns.map((tokens, step) => {
    const widest = Math.max(NARROWEST, ...tokens.map((token) => tokenWidth(token, measure)));
    return step === flagAt ? Math.max(widest, flagWidth(step, measure)) : widest;
  });
  const places = placeColumns(widths, width - rail);
  const lines = (places.at(-1)?.line ?? 0) + 1;

  const parts: string[] = [];
  for (let line = 0; line < lines && rail > 0; line++) {
    for (let lane = 0; lane < lanes; lane++) {
      const y = line * lineHeight + gutter + lane * (ROW + BETWEEN) + ROW / 2;
      parts.push(laneShape(lane, 8, y, palette.lanes[lane]?.own ?? palette.ink));
    }
  }
  columns.forEach((tokens, step) => {
    const place = places[step];
    if (place === undefined) return;
    const x = rail + place.x;
    const y = place.line * lineHeight;
    const flagged = step === flagAt;
    if (numbered !== null) {
      parts.push(
        flagged
          ? flag(x, y, lineHeight - LINE_GAP, step, palette, measure)
          : textLine(x + PADDING, y + 14, String(step + 1), FONTS.number, palette.quiet),
      );
    }
    tokens.forEach((token, lane) => {
      if (token === undefined) return;
      const top = y + gutter + lane * (ROW + BETWEEN);
      // Beside the flag's pole, not under it.
      const left = flagged ? x + 3 : x;
      const cell = { x: left, y: top, width: place.width - (left - x) - 1, lane, step };
      parts.push(drawToken(token, cell, palette, measure));
    });
  });
  return { markup: parts.join(''), height: lines * lineHeight - LINE_GAP };
}

/** Columns of these widths from left to right, wrapped to the room. */
export function placeColumns(widths: readonly number[], room: number) {
  let x = 0;
  let line = 0;
  return widths.map((width) => {
    if (x > 0 && x + width > room) {
      x = 0;
      line++;
    }
    const place = { x, line, width };
    x += width;
    return place;
  });
}

interface Cell {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly lane: number;
  readonly step: number;
}

function drawToken(token: DrawnToken, cell: Cell, palette: Palette, measure: Measure): string {
  const { x, y, width, lane, step } = cell;
  const shade = step % 2;
  const colours = palette.lanes[lane];
  const own = colours?.own ?? palette.ink;
  const [weak, strong] = colours?.tints ?? [palette.surface, palette.sunken];
  const plain = shade === 0 ? palette.sunken : palette.surface;
  const ground = token.isNan
    ? palette.alarmTint
    : token.apart
      ? shade === 0
        ? strong
        : weak
      : plain;
  const ink = token.isNan ? palette.alarm : token.isLabel ? palette.quiet : palette.ink;
  const font = fontOf(token);
  const indent = token.partsHere ? PADDING + 3 : PADDING;
  return [
    element('rect', { x, y, width, height: ROW, fill: ground }),
    token.apart || token.isNan
      ? element('path', {
          'data-mark': 'apart',
          d: `M${x} ${y + ROW - 1}h${width}`,
          stroke: token.isNan ? palette.alarm : own,
          'stroke-width': 2,
          'stroke-dasharray': lane === 0 && !token.isNan ? undefined : '5 3',
        })
      : '',
    token.partsHere
      ? element('path', {
          'data-mark': 'parts-later',
          d: `M${x + 1} ${y}v${ROW}M${x + 4} ${y}v${ROW}`,
          stroke: own,
          'stroke-width': 1.5,
        })
      : '',
    textLine(
      x + indent,
      y + 20,
      cutText(token.text, width - indent - PADDING / 2, font, measure),
      font,
      ink,
    ),
  ].join('');
}

/** A pennant on its pole, over all lanes: where the first lane parts. */
function flag(
  x: number,
  y: number,
  height: number,
  step: number,
  { ink, paper }: Palette,
  measure: Measure,
): string {
  const width = flagWidth(step, measure);
  const edge = GUTTER - 2;
  return [
    element('rect', { 'data-mark': 'parts-here', x, y, width: 3, height, fill: ink }),
    element('path', {
      d: `M${x} ${y}h${width}l-${FLAG_TAIL / 2} ${edge / 2}l${FLAG_TAIL / 2} ${edge / 2}h-${width}z`,
      fill: ink,
    }),
    textLine(x + PADDING, y + 13, flagText(step), FONTS.flag, paper),
  ].join('');
}

function flagText(step: number): string {
  return `parts here: token ${step + 1}`;
}

function flagWidth(step: number, measure: Measure): number {
  return measure(flagText(step), FONTS.flag) + 2 * PADDING + FLAG_TAIL;
}

function tokenWidth(token: DrawnToken | undefined, measure: Measure): number {
  if (token === undefined) return 0;
  const marks = token.partsHere ? 3 : 0;
  return Math.min(WIDEST, Math.ceil(measure(token.text, fontOf(token)) + 2 * PADDING + marks + 1));
}

function fontOf({ isLabel, isNan, partsHere }: DrawnToken) {
  if (isNan || partsHere) return FONTS.parting;
  return isLabel ? FONTS.label : FONTS.token;
}
