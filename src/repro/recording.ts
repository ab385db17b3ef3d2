import * as v from 'valibot';
import { Failure } from '../core/errors';
import type { RopeConfig } from '../core/rope';
import { type Bundle, formatBundle, parseBundle } from './bundle';
import { describeIssue } from './schema';

/** A token as strips show it: what it adds to the text, and its name in the vocabulary. */
interface RecordedToken {
  readonly text: string;
  readonly label: string;
}

/** What strips need besides the bundle, where no model is there to ask. */
export interface Shown {
  /** What a repro link of the run has after the '#'. */
  readonly link: string;
  readonly rope: RopeConfig;
  /** One per id of the prompt. */
  readonly prompt: readonly RecordedToken[];
  /** shown[lane][step] */
  readonly lanes: readonly (readonly RecordedToken[])[];
}

/** A run to show before the model is there. Its file is a bundle: with one field more, that readers of bundles leave out. */
export interface Recording {
  readonly bundle: Bundle;
  readonly shown: Shown;
}

const Tokens = v.array(v.object({ text: v.string(), label: v.string() }));

const RecordingSchema = v.object({
  shown: v.object({
    link: v.pipe(v.string(), v.minLength(1)),
    rope: v.object({
      headDim: v.pipe(v.number(), v.integer(), v.multipleOf(2), v.minValue(2), v.maxValue(1024)),
      ropeTheta: v.pipe(v.number(), v.finite(), v.minValue(1)),
    }),
    prompt: Tokens,
    lanes: v.array(Tokens),
  }),
});

/** The recording as JSON, on one line. */
export function formatRecording({ bundle, shown }: Recording): string {
  return `${formatBundle(bundle).slice(0, -1)},"shown":${JSON.stringify(shown)}}`;
}

/**
 * Reads a recording.
 * @throws Failure bundle-invalid, bundle-version, bundle-too-large
 */
export function parseRecording(text: string): Recording {
  const bundle = parseBundle(text);
  const parsed = v.safeParse(RecordingSchema, JSON.parse(text));
  if (!parsed.success) {
    throw new Failure(
      'bundle-invalid',
      `The recording is not valid: ${describeIssue(parsed.issues[0])}.`,
    );
  }
  const { shown } = parsed.output;
  const lengths = [bundle.prompt.ids, ...bundle.lanes.map(({ ids }) => ids)].map(
    ({ length }) => length,
  );
  if ([shown.prompt, ...shown.lanes].map(({ length }) => length).join() !== lengths.join()) {
    throw new Failure(
      'bundle-invalid',
      'The recording is not valid: it does not show every token.',
    );
  }
  return { bundle, shown };
}
