import { readFile, stat } from 'node:fs/promises';
import { type ErrorCode, Failure } from '../src/core/errors';
import { LARGEST_BUNDLE, parseBundle, reproOfBundle } from '../src/repro/bundle';
import { divergenceOf } from '../src/repro/expectation';
import { hasLink, parseLink } from '../src/repro/link';
import { visible } from '../src/repro/plainText';
import type { FinishedRun, Repro } from '../src/repro/repro';
import { describeVerdict, differentModel, type Verdict, verdictOf } from '../src/repro/verdict';
import type { ReproArguments } from './arguments';
import { compare, withEngine } from './compare';
import { APP_VERSION, finishedRunOf } from './finishedRun';
import { loadModel } from './loadModel';
import { nodeStore } from './nodeSource';
import { checkSize, modelOfLink } from './reproSource';

/** Logits of each step, for the margin where a lane parts. */
const TOP_K = 5;

const EXIT = { reproduced: 0, parted: 1, invalid: 2, unavailable: 3 } as const;

/** Makes the run of a link or a bundle, and writes to stdout whether the same came of it. @returns the exit status */
export async function reproduce(options: ReproArguments): Promise<number> {
  const expected = await readRepro(options.linkOrFile);
  if (!expected.expectation) {
    throw new Failure('link-invalid', 'The link says what to run, and not what comes of it.');
  }
  const { verdict, found } = await runAgain(expected, options);
  const sentence = describeVerdict(verdict, found);
  const text = options.json
    ? JSON.stringify({ verdict, sentence, expected, found: found && toJson(found) }, null, 2)
    : sentence;
  process.stdout.write(`${text}\n`);
  switch (verdict.kind) {
    case 'reproduced':
      return EXIT.reproduced;
    case 'different-model':
      return EXIT.unavailable;
    case 'parted':
    case 'unfinished':
    case 'no-expectation':
      return EXIT.parted;
  }
}

/** The exit status of a reproduction that ended with an error. */
export function reproExit(code: ErrorCode): number {
  return /^(link|bundle)-/.test(code) ? EXIT.invalid : EXIT.unavailable;
}

async function readRepro(linkOrFile: string): Promise<Repro> {
  const found = await stat(linkOrFile).catch(() => undefined);
  if (!found) {
    if (hasLink(linkOrFile)) return parseLink(linkOrFile);
    throw new Failure(
      'link-invalid',
      `There is no file ${shortened(linkOrFile)}, and it is not the link of a run.`,
    );
  }
  if (!found.isFile()) {
    throw new Failure('bundle-invalid', `${shortened(linkOrFile)} is not a file.`);
  }
  // Characters are at least a third of the bytes of UTF-8.
  if (found.size > 3 * LARGEST_BUNDLE) {
    throw new Failure('bundle-too-large', `${shortened(linkOrFile)} has ${found.size} bytes.`);
  }
  const bytes = await readFile(linkOrFile).catch((cause: unknown) => {
    throw new Failure('bundle-invalid', `${shortened(linkOrFile)} cannot be read.`, { cause });
  });
  return reproOfBundle(parseBundle(new TextDecoder().decode(bytes)));
}

async function runAgain(
  expected: Repro,
  options: ReproArguments,
): Promise<{ readonly verdict: Verdict; readonly found: FinishedRun | null }> {
  const store = nodeStore();
  const wanted = await modelOfLink(expected, options, store);
  return withEngine(async (engine) => {
    const ready = await loadModel(engine, wanted, (survey) => {
      if (!options.model) checkSize(survey, expected.model);
    });
    const other = differentModel(expected.model, ready.model);
    if (other) return { verdict: other, found: null };
    const comparison = await compare(engine, ready, { ...expected, topK: TOP_K });
    const found = finishedRunOf(comparison);
    return { verdict: verdictOf(expected, found), found };
  }, store);
}

/** The document that `--json` prints, as far as it is what came of the run. */
function toJson(run: FinishedRun) {
  return {
    model: run.model,
    lanes: run.results.map(({ ids, text, stopped }) => ({ ids, text, stopped })),
    divergence: divergenceOf(run),
    executionProvider: run.executionProvider,
    appVersion: APP_VERSION,
  };
}

function shortened(path: string): string {
  return visible(path.length > 80 ? `${path.slice(0, 80)}…` : path);
}
