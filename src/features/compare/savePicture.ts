import { settle } from '../../core/errors';
import { reproOf } from '../../repro/expectation';
import { linkTo } from '../../repro/link';
import { APP_VERSION } from '../../state/appVersion';
import { finishedRunOf } from '../../state/finishedRun';
import type { RunRecord } from '../../state/run';
import { figureFileName } from '../../ui/figure/fileName';
import { saveFile, svgToPng } from '../../ui/figure/save';
import { resolveColour } from '../../ui/figure/themeColours';
import { comparisonSvg } from './picture/comparisonSvg';
import { cssFont, type Measure } from './picture/font';
import { paletteOf } from './picture/palette';
import { contentOf } from './pictureContent';

export type PictureFormat = 'PNG' | 'SVG';

/** Of a canvas, in pixels: what every browser gives. */
const MOST_PIXELS = 16_000_000;
const SHARP = 2;

/**
 * Saves the comparison as a picture, in the colours that the page has inside `within`.
 * @returns the file's name
 */
export async function savePicture(
  format: PictureFormat,
  record: RunRecord,
  within: Element,
): Promise<string> {
  const palette = paletteOf(record.lanes.length, (value) => resolveColour(within, value));
  const content = contentOf(record, { appVersion: APP_VERSION, link: await linkOf(record) });
  const { svg, width, height } = comparisonSvg(content, palette, onCanvas());
  const name = figureFileName(
    ['Comparison', record.model.id, record.settings.prompt],
    format.toLowerCase(),
  );
  const scale = Math.min(SHARP, Math.sqrt(MOST_PIXELS / (width * height)));
  saveFile(
    format === 'SVG' ? new Blob([svg], { type: 'image/svg+xml' }) : await svgToPng(svg, scale),
    name,
  );
  return name;
}

/** Null for a run that no link can carry. */
async function linkOf(record: RunRecord): Promise<string | null> {
  const run = finishedRunOf(record);
  if (run === null) return null;
  const view = { appVersion: APP_VERSION, view: null, pinnedStep: null };
  const link = await settle(() => linkTo(window.location.href, reproOf(run, view)));
  return link.ok ? link.value : null;
}

/** Measures with the fonts that this browser has for the picture. */
function onCanvas(): Measure {
  const context = document.createElement('canvas').getContext('2d');
  if (context === null) throw new Error('The browser gave no canvas to measure on.');
  return (text, font) => {
    context.font = cssFont(font);
    return context.measureText(text).width;
  };
}
