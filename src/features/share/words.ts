import type { ExecutionProvider } from '../../protocol/engineApi';
import { packingText } from '../../repro/reproModel';
import { type NamedModel, type Parted, type Verdict, verdictTitle } from '../../repro/verdict';
import type { Judgement } from '../../state/judgement';
import type { ReproModel } from '../../repro/repro';
import type { Opening } from '../../state/opening';
import type { RunRecord } from '../../state/run';
import type { ModelQuestion } from '../../state/wayToModel';
import { laneName } from '../../ui/lane';
import { byteCount, fourDecimals } from '../../ui/numbers';
import { visibleSentence, visibleText } from '../../ui/visibleText';

/** What is said of an opening. `sign` is the title's: colour never stands alone. */
export interface OpeningWords {
  readonly tone: 'good' | 'bad' | 'open';
  readonly sign: '✓ ' | '≠ ' | '! ' | '';
  readonly title: string;
  readonly detail: string;
}

/** Digits of a hash that two people can compare. */
const SHOWN_HASH = 16;

/** @param judgement of an opening that is to run; null for any other */
export function wordsOf(opening: Opening, judgement: Judgement | null): OpeningWords {
  switch (opening.status) {
    case 'refused': {
      const { message, action } = opening.error;
      return {
        tone: 'bad',
        sign: '! ',
        title: 'This link cannot be opened',
        detail: `${message} ${action} What you have set is as it was.`,
      };
    }
    case 'impossible': {
      const { code, message, action } = opening.error;
      // No lane can be added to somebody else's run.
      const next = code === 'lanes-invalid' ? '' : ` ${action}`;
      return cannotRun(`${visibleSentence(message)} Nothing was run.${next}`);
    }
    case 'other-weights': {
      const { model } = opening.opened.repro;
      return differentModel(`${modelsText(model, opening.found)} Nothing was run.`);
    }
    case 'question':
      return questionWords(opening.what, opening.opened.repro.model);
    case 'looking':
      return going('Looking its model up…', 'It is loaded if it is as large as the link says.');
    case 'past':
      return {
        tone: 'open',
        sign: '',
        title: 'No longer on screen',
        detail: 'Something else was run since; what was opened says nothing about it.',
      };
    case 'run':
      return wordsOfRun(judgement ?? { status: 'not-run' });
  }
}

function questionWords(what: ModelQuestion, { bytes }: ReproModel): OpeningWords {
  switch (what.kind) {
    case 'hub':
      return going('It needs another model', 'Nothing has been fetched yet: that is yours to say.');
    case 'larger': {
      const { totalBytes, storedBytes } = what.survey;
      const claim =
        bytes === undefined ? 'The link does not say so' : `The link says ${byteCount(bytes)}`;
      return going(
        `Its model takes ${byteCount(totalBytes - storedBytes)} to download`,
        `${claim}. It is fetched and run if you say so.`,
      );
    }
    case 'files':
      return going(
        'It needs a model of somebody’s files',
        'If you have them, choose their folder, or all of them: they stay on this machine, and their hash is checked.',
      );
  }
}

function wordsOfRun(judgement: Judgement): OpeningWords {
  switch (judgement.status) {
    case 'waiting':
      return going('Waiting for the model…', 'It runs as soon as the model is here.');
    case 'running':
      return going('Running it here…', 'At its end its tokens are compared with those expected.');
    case 'not-run':
      return going('Not run', 'It was stopped before it began.');
    case 'failed':
      return cannotRun(judgement.error.message);
    case 'judged':
      return judged(judgement);
  }
}

function going(title: string, detail: string): OpeningWords {
  return { tone: 'open', sign: '', title, detail };
}

function cannotRun(detail: string): OpeningWords {
  return { tone: 'bad', sign: '! ', title: 'Cannot run here', detail };
}

function differentModel(detail: string): OpeningWords {
  return { tone: 'bad', sign: '≠ ', title: 'Different model', detail };
}

function judged({
  verdict,
  allTheSame,
  record,
}: Judgement & { readonly status: 'judged' }): OpeningWords {
  const detail = detailOf(verdict, record);
  switch (verdict.kind) {
    case 'reproduced':
      return { tone: 'good', sign: '✓ ', title: verdictTitle(verdict), detail };
    case 'parted': {
      const tie = verdict.nearTie ? ': a near-tie' : '';
      return { tone: 'bad', sign: '≠ ', title: `${verdictTitle(verdict)}${tie}`, detail };
    }
    case 'different-model': {
      if (allTheSame === null) return differentModel(detail);
      const title = verdictTitle(allTheSame).toLowerCase();
      return differentModel(
        `${detail} Run all the same: ${title}. ${detailOf(allTheSame, record)}`,
      );
    }
    case 'unfinished':
    case 'no-expectation':
      return { tone: 'open', sign: '', title: verdictTitle(verdict), detail };
  }
}

function detailOf(verdict: Verdict, record: RunRecord): string {
  switch (verdict.kind) {
    case 'reproduced':
      return 'Every lane gives the same tokens here as where it was made.';
    case 'parted':
      return partedText(verdict, record);
    case 'unfinished':
      return `As expected up to step ${verdict.steps}, where it was stopped.`;
    case 'no-expectation':
      return 'It says what to run, and not what comes of it.';
    case 'different-model':
      return modelsText(verdict.expected, verdict.found);
  }
}

function partedText(parted: Parted, record: RunRecord): string {
  const { lane, step, expected, found, beyond, margin, nearTie } = parted;
  const spec = record.lanes[lane]?.spec;
  const name = spec === undefined ? '' : ` (${visibleSentence(laneName(spec, lane))})`;
  const who = `lane ${lane + 1}${name}`;
  if (beyond) {
    return `Somewhere after token ${step}, ${who} differs: from there on, links carry no tokens but a digest of them.`;
  }
  if (expected === null && found === null) {
    return `After token ${step}, ${who} ended for another reason than expected.`;
  }
  const there = expected === null ? 'its end' : tokenText(record, expected);
  const here = found === null ? 'its end' : tokenText(record, found);
  const ahead = margin === null ? '' : `, which is ${fourDecimals(margin)} ahead of the next`;
  const tie = nearTie ? ` ${tieText(parted.executionProvider)}` : '';
  return `At token ${step + 1} of ${who}: expected ${there}, found ${here}${ahead}.${tie}`;
}

function tieText({ expected, found }: Parted['executionProvider']): string {
  const where =
    expected === found
      ? `both on ${providerText(found)}`
      : `${providerText(expected)} there, ${providerText(found)} here`;
  return `Logits this close may come out in either order from one machine to the next (${where}).`;
}

/** “·Paris” (id 12), as far as the run has seen its text. */
function tokenText({ prompt, lanes }: RunRecord, id: number): string {
  const steps = lanes.flatMap((lane) => lane.steps);
  const whole = [...steps, ...prompt].find((token) => token.id === id);
  const top = steps.flatMap((step) => step.top).find((token) => token.id === id);
  const text = whole?.text ?? top?.token ?? '';
  const shown = text === '' ? whole?.label : text;
  return shown === undefined ? `id ${id}` : `“${visibleText(shown)}” (id ${id})`;
}

function modelsText(expected: NamedModel, found: NamedModel): string {
  return `Made with ${modelText(expected)}; here it is ${modelText(found)}.`;
}

/** How the weights are held is said where that is not as they are stored. */
function modelText(model: NamedModel): string {
  const { id, sha256, packing = 'keep' } = model;
  const held = packing === 'keep' ? '' : `, ${packingText(model)}`;
  return `${visibleSentence(id)}, sha256 ${sha256.slice(0, SHOWN_HASH)}${held}`;
}

export function providerText(provider: ExecutionProvider): string {
  return provider === 'webgpu' ? 'WebGPU' : 'WASM';
}
