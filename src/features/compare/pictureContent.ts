import type { TextToken } from '../../protocol/engineApi';
import { divergenceOf, nonFiniteStep, type RunRecord } from '../../state/run';
import { isForced } from '../../state/standing';
import { laneName } from '../../ui/lane';
import { visibleSentence, visibleText } from '../../ui/visibleText';
import { tokenCount } from './laneEnding';
import type { DrawnToken, PictureContent } from './picture/content';
import { verdictOf } from './verdict';

/** What the picture says of a run beyond the run itself. */
export interface PictureSource {
  readonly appVersion: string;
  /** The address that runs it again; null if there is none. */
  readonly link: string | null;
}

/** What there is to draw of a run. */
export function contentOf(record: RunRecord, { appVersion, link }: PictureSource): PictureContent {
  const { lanes, settings, model } = record;
  const verdict = verdictOf(record);
  const forced = isForced(record);
  const parts = lanes.map((_, lane) => divergenceOf(record, lane));
  const found = parts.filter((part) => part !== null);
  const firstParting = found.length === 0 ? null : Math.min(...found);
  const longest = Math.max(
    0,
    ...lanes.map((lane) => (nonFiniteStep(lane) === null ? 0 : 1) + lane.steps.length),
  );

  const drawn = (lane: number, step: number): DrawnToken | undefined => {
    const of = lanes[lane];
    const token = of?.steps[step];
    const parting = lane === 0 ? firstParting : (parts[lane] ?? null);
    if (of === undefined) return undefined;
    if (token === undefined) return nonFiniteStep(of) === step ? NAN : undefined;
    return {
      ...tokenText(token),
      apart: forced
        ? lane > 0 && token.id !== lanes[0]?.steps[step]?.id
        : parting !== null && step >= parting,
      partsHere: step === parting && step !== firstParting,
    };
  };

  const sentences = [verdict.detail, verdict.lesson].filter((text) => text !== undefined);
  return {
    headline: visibleSentence(verdict.headline),
    lines: [
      ...(verdict.lines ?? []).map(({ lane, text }) => ({ lane, text: visibleSentence(text) })),
      ...sentences.map((text) => ({ lane: null, text: visibleSentence(text) })),
    ],
    facts: [
      visibleSentence(model.id),
      `weights SHA-256 ${model.sha256.slice(0, 16)}`,
      model.executionProvider === 'webgpu' ? 'WebGPU' : 'WASM',
      `up to ${settings.maxNewTokens} tokens`,
      ...(forced ? ['teacher-forced'] : []),
      `version ${visibleSentence(appVersion)}`,
    ],
    prompt: record.prompt.map(tokenText),
    lanes: lanes.map((lane, i) => ({
      name: visibleSentence(laneName(lane.spec, i)),
      count: tokenCount(lane),
    })),
    steps: Array.from({ length: longest }, (_, step) => lanes.map((_, lane) => drawn(lane, step))),
    firstParting,
    forced,
    link: link === null ? null : visibleSentence(link),
  };
}

function tokenText({ text, label }: TextToken): DrawnToken {
  return { ...PLAIN, text: visibleText(text === '' ? label : text), isLabel: text === '' };
}

const PLAIN = { text: '', isLabel: false, isNan: false, apart: false, partsHere: false } as const;
const NAN: DrawnToken = { ...PLAIN, text: 'NaN', isNan: true };
