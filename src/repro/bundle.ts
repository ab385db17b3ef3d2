import * as v from 'valibot';
import { Failure } from '../core/errors';
import { HEALTHY } from '../core/faults';
import { formatFault, parseFault } from '../core/faultText';
import { type BundleDocument, BundleSchema, FORMAT, VERSION } from './bundleSchema';
import { divergenceOf, reproOf, settingsOf } from './expectation';
import type { FinishedRun, Repro, View } from './repro';
import { describeIssue } from './schema';

/** A run with all that came of it, as a JSON document: docs/bundle.md says what each field is. */
export type Bundle = BundleDocument;

/** Characters. Eight lanes of 192 tokens, ten logits each, have about a million. */
export const LARGEST_BUNDLE = 8_000_000;

export function bundleOf(
  run: FinishedRun,
  options: {
    readonly appVersion: string;
    readonly view: View | null;
    readonly pinnedStep: number | null;
    /** Milliseconds since 1970. */
    readonly createdAt: number;
  },
): Bundle {
  const { model, prompt, lanes, mode, maxNewTokens } = settingsOf(run);
  const { createdAt, appVersion, view, pinnedStep } = options;
  return {
    format: FORMAT,
    version: VERSION,
    createdAt,
    appVersion,
    executionProvider: run.executionProvider,
    model: { ...model },
    prompt: { text: prompt, ids: [...run.promptIds] },
    mode,
    maxNewTokens,
    view,
    pinnedStep,
    firstDivergence: divergenceOf(run)?.step ?? null,
    lanes: run.results.map(({ ids, text, stopped, steps }, index) => {
      const { name = '', fault = HEALTHY, guard = 'none' } = lanes[index] ?? {};
      return {
        name,
        fault: formatFault(fault),
        guard,
        ids: [...ids],
        text,
        stopped,
        steps: steps.map(({ top }) => ({
          top: top.map(({ id, token, logit }) => ({ id, token, logit })),
        })),
      };
    }),
  };
}

/**
 * The bundle as JSON, on one line.
 * @throws Failure bundle-too-large; bundle-invalid for what could not be read again
 */
export function formatBundle(bundle: Bundle): string {
  const text = JSON.stringify(checkBundle(bundle));
  checkSize(text);
  return text;
}

/**
 * Reads a bundle. Fields that it does not know are left out.
 * @throws Failure bundle-invalid, bundle-version, bundle-too-large
 */
export function parseBundle(text: string): Bundle {
  checkSize(text);
  return checkBundle(parseJson(text));
}

/** The run that a bundle holds. */
export function runOfBundle(bundle: Bundle): FinishedRun {
  const { executionProvider, model, prompt, mode, maxNewTokens, lanes } = bundle;
  return {
    model,
    prompt: prompt.text,
    lanes: lanes.map(({ name, fault, guard }) => ({
      name,
      fault: parseFault(fault) ?? HEALTHY,
      guard,
    })),
    mode,
    maxNewTokens,
    executionProvider,
    promptIds: prompt.ids,
    results: lanes.map(({ ids, text, stopped, steps }) => ({ ids, text, stopped, steps })),
  };
}

/** The same run for somebody else to make again, expecting all its ids. */
export function reproOfBundle(bundle: Bundle): Repro {
  return reproOf(runOfBundle(bundle), bundle);
}

function checkSize({ length }: string): void {
  if (length <= LARGEST_BUNDLE) return;
  throw new Failure(
    'bundle-too-large',
    `The bundle has ${length} characters; the largest has ${LARGEST_BUNDLE}.`,
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new Failure('bundle-invalid', 'The bundle is not JSON.', { cause });
  }
}

function checkBundle(document: unknown): Bundle {
  const head = v.safeParse(v.object({ format: v.literal(FORMAT), version: v.number() }), document);
  if (!head.success) {
    throw new Failure(
      'bundle-invalid',
      `It is not the bundle of a run: its format is not ${FORMAT}.`,
    );
  }
  const { version } = head.output;
  if (version > VERSION) {
    throw new Failure(
      'bundle-version',
      `The bundle is of version ${version}; this is a reader of version ${VERSION}.`,
    );
  }
  const parsed = v.safeParse(BundleSchema, document, { abortEarly: true });
  if (!parsed.success) {
    const [issue] = parsed.issues;
    throw new Failure('bundle-invalid', `The bundle is not valid: ${describeIssue(issue)}.`);
  }
  const bundle = parsed.output;
  if ((divergenceOf(runOfBundle(bundle))?.step ?? null) !== bundle.firstDivergence) {
    throw new Failure('bundle-invalid', 'The bundle is not valid: its lanes part elsewhere.');
  }
  return bundle;
}
