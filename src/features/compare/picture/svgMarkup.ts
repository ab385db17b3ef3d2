import { lanePath } from '../../../ui/figure/laneSymbol';
import { escapeXml } from '../../../ui/figure/svg';
import type { Font } from './font';

type Attributes = Readonly<Record<string, string | number | undefined>>;

/** One element of SVG. Values and text are escaped here, and nowhere else. */
export function element(name: string, attributes: Attributes, content = ''): string {
  const written = Object.entries(attributes)
    .flatMap(([key, value]) => (value === undefined ? [] : [` ${key}="${valueText(value)}"`]))
    .join('');
  return content === '' ? `<${name}${written}/>` : `<${name}${written}>${content}</${name}>`;
}

/** A line of text on its baseline. White space at its ends and in runs would be lost: there is none in what is drawn. */
export function textLine(
  x: number,
  y: number,
  text: string,
  { size, weight, family, italic }: Font,
  fill: string,
  more: Attributes = {},
): string {
  const attributes = {
    x,
    y,
    'font-family': family,
    'font-size': size,
    'font-weight': weight,
    'font-style': italic === true ? 'italic' : undefined,
    fill,
    ...more,
  };
  return element('text', attributes, escapeXml(text));
}

/** A lane's shape, about as large as a circle of 5 pixels. */
export function laneShape(lane: number, x: number, y: number, fill: string): string {
  const at = `translate(${valueText(x)} ${valueText(y)})`;
  return element('path', { d: lanePath(lane, 4.4), transform: at, fill });
}

function valueText(value: string | number): string {
  return typeof value === 'string' ? escapeXml(value) : String(Math.round(value * 100) / 100);
}
