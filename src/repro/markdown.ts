import { firstDivergence } from '../core/divergence';
import { formatFault } from '../core/faultText';
import { visible } from './plainText';
import type { FinishedRun, ReproModel } from './repro';
import { packingText, SHORT_HASH } from './reproModel';

/** Characters of a prompt that are shown. */
const SHOWN_PROMPT = 500;
/** Tokens before and after the one where lanes part. */
const BEFORE = 8;
const AFTER = 4;

/**
 * A run for an issue thread: versions, lanes, where they part, and the link. What a visitor typed, and what the model said,
 * stands in code only, where it can be neither markup nor a mention; what is not seen stands there as an escape.
 */
export function markdownOf(
  run: FinishedRun,
  { link, appVersion }: { readonly link: string; readonly appVersion: string },
): string {
  const { model, prompt, lanes, mode, maxNewTokens, executionProvider } = run;
  const shown = prompt.length > SHOWN_PROMPT ? `${prompt.slice(0, SHOWN_PROMPT)}…` : prompt;
  const divergences = lanes.map((_, lane) => divergenceFrom(run, lane));
  return [
    table(
      ['model', 'SHA-256 of its weights', 'playground', 'execution provider'],
      [
        [
          cell(model.id),
          cell(model.sha256.slice(0, SHORT_HASH)),
          cell(appVersion),
          executionProvider,
        ],
      ],
    ),
    ...modelLine(model),
    `Prompt: ${code(shown)}`,
    `Mode ${mode}, at most ${maxNewTokens} new tokens.`,
    table(
      ['lane', 'name', 'fault', 'guard', 'tokens', 'ended', 'parts from lane 1'],
      lanes.map(({ name, fault, guard }, lane) => [
        `${lane + 1}`,
        cell(name.trim()),
        cell(formatFault(fault)),
        guard,
        `${run.results[lane]?.ids.length ?? 0}`,
        run.results[lane]?.stopped ?? '',
        describeStep(divergences[lane] ?? null, lane),
      ]),
    ),
    ...contexts(run, divergences),
    openingLine(link),
  ].join('\n\n');
}

/** Where the model is from and how its weights were held, if there is anything to say of either. */
function modelLine(model: ReproModel): string[] {
  const { id, hub, commit, packing } = model;
  const from = hub === undefined ? [] : [`from ${code(`${hub}/${id}`)} at ${code(commit ?? '')}`];
  const parts = [...from, ...(packing === undefined ? [] : [packingText(model)])];
  return parts.length === 0 ? [] : [`The model: ${parts.join(', ')}.`];
}

function divergenceFrom({ results }: FinishedRun, lane: number): number | null {
  const [first] = results;
  const other = results[lane];
  if (!first || !other) return null;
  const { stopped } = other.ids.length < first.ids.length ? other : first;
  return firstDivergence(first.ids, other.ids, { ended: stopped !== 'cancelled' });
}

function describeStep(step: number | null, lane: number): string {
  if (lane === 0) return '';
  return step === null ? 'nowhere' : `at token ${step + 1}`;
}

/** The two texts around each divergence, one line each, the tokens that differ in brackets. */
function contexts(run: FinishedRun, divergences: readonly (number | null)[]): string[] {
  const pairs = divergences.flatMap((step, lane) =>
    step === null || lane === 0 ? [] : [[contextLine(run, 0, step), contextLine(run, lane, step)]],
  );
  return pairs.length === 0 ? [] : [fenced(pairs.map((lines) => lines.join('\n')).join('\n\n'))];
}

function contextLine({ prompt, results }: FinishedRun, lane: number, step: number): string {
  const tokens = results[lane]?.steps.map(({ top: [chosen] }) => chosen?.token ?? '') ?? [];
  const from = Math.max(0, step - BEFORE);
  const start = from === 0 ? prompt.slice(-SHOWN_PROMPT / 10) : '';
  const before = `${start}${tokens.slice(from, step).join('')}`;
  const own = tokens[step];
  const marked = own === undefined ? '[it had ended]' : `[[${visible(own)}]]`;
  const after = tokens.slice(step + 1, step + 1 + AFTER).join('');
  return `lane ${lane + 1}  … ${visible(before)}${marked}${visible(after)}`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => '---'), ...rows];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** Code in a cell of a table, whose bounds come before the bounds of code: no pipe may be in it. */
function cell(text: string): string {
  return text === '' ? '' : codeOf(visible(text).replaceAll('|', '\\u{7c}'));
}

function code(text: string): string {
  return codeOf(visible(text));
}

/** More backticks around it than are in it (CommonMark 0.31, section 6.1). */
function codeOf(text: string): string {
  const fence = '`'.repeat(longestRun(text) + 1);
  const pad = /^[ `]|[ `]$/.test(text) ? ' ' : '';
  return `${fence}${pad}${text}${pad}${fence}`;
}

/** Every line begins with the number of a lane, so that none can end the block. */
function fenced(text: string): string {
  return `\`\`\`text\n${text}\n\`\`\``;
}

function longestRun(text: string): number {
  return Math.max(0, ...(text.match(/`+/g) ?? []).map(({ length }) => length));
}

function openingLine(link: string): string {
  const url = URL.canParse(link) ? new URL(link) : undefined;
  // An autolink takes no space and no angle bracket; a URL that was parsed and written again has none.
  if (url?.protocol === 'https:' || url?.protocol === 'http:')
    return `Open this run: <${url.href}>`;
  return `Open this run: ${code(link)}`;
}
