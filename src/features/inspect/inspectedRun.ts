import { commonPrefix } from '../../core/divergence';
import type { TextToken } from '../../protocol/engineApi';
import type { Capture } from '../../protocol/inspection';
import { recordOf, type Run, type RunRecord } from '../../state/run';
import { laneName } from '../../ui/lane';

/** A lane as these views name it. Its index gives it its colour and shape. */
export interface InspectedLane {
  readonly index: number;
  readonly name: string;
}

/** A run that has ended, and so can be looked into. */
export interface InspectedRun {
  readonly record: RunRecord;
  /** The first is the lane that the others are compared with. */
  readonly lanes: readonly InspectedLane[];
  /** What the numbers are from, for the names of files: the model, the prompt. */
  readonly source: readonly string[];
}

/** A run whose q and k the engine holds. */
export interface CapturedRun {
  readonly run: InspectedRun;
  readonly capture: Capture;
}

/** The run on screen once the engine has given the whole of it; null before. */
export function endedRecord(run: Run): RunRecord | null {
  const record = recordOf(run);
  return record?.summary ? record : null;
}

export function inspectedRun(record: RunRecord): InspectedRun {
  return {
    record,
    lanes: record.lanes.map(({ spec }, index) => ({ index, name: laneName(spec, index) })),
    source: [record.model.id, record.settings.prompt],
  };
}

/** On the mark where two lanes begin to read different texts. */
export const TEXTS_PART = 'texts part';

/** The first position at which two lanes have read different tokens; null if one text begins with the other. */
export function textsPartAt({ tokenIds }: Capture, lane: number, against = 0): number | null {
  const [a = [], b = []] = [tokenIds[against], tokenIds[lane]];
  const prefix = commonPrefix(a, b);
  return prefix < Math.min(a.length, b.length) ? prefix : null;
}

/**
 * The token that a lane has read at a position, as it is shown: “ Paris”. In a teacher-forced run that is the first
 * lane's token, which is why it is looked up by its id.
 */
export function tokenAt(record: RunRecord, capture: Capture, lane: number, position: number) {
  const id = capture.tokenIds[lane]?.[position];
  const { prompt, lanes } = record;
  const step = position - prompt.length;
  const candidates = step < 0 ? [prompt[position]] : [lane, 0].map((l) => lanes[l]?.steps[step]);
  const token = candidates.find((candidate) => candidate?.id === id);
  return token === undefined ? `token ${id ?? '–'}` : quoted(token);
}

/** “ Paris”; what adds no text by itself is called by its entry in the vocabulary. */
export function quoted({ text, label }: Pick<TextToken, 'text' | 'label'>): string {
  return `“${text === '' ? label : text.replaceAll('\n', '↵').replaceAll('\t', '⇥')}”`;
}
