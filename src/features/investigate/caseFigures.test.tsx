import type { ReactNode } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import { sharedCase, sharedMissing } from '../../../workers/testing/sharedModels';
import { createProgress } from '../../state/progress';
import { CasePage } from './CasePage';
import { PUBLISHED, REMEASURED } from './caseFigures';
import { LESSONS } from './lessons';
import { REPAIRS } from './repairs';
import { ALWAYS_DIFF } from './repairs/zeroGuard';

/** Cells of the published table by the beginning of their row, without the first. */
function published(row: string): string[] {
  const line = sharedCase('README.md')
    .split('\n')
    .find((text) => text.startsWith(`| ${row}`));
  if (line === undefined) throw new Error(`the published table has no row ${row}`);
  return line
    .split('|')
    .slice(2, -1)
    .map((cell) => cell.trim());
}

const facts = () => sharedCase('README.md').replaceAll(/\s+/g, ' ');
const notes = () => sharedCase('NotesFixingOpensciRef.md').replaceAll(/\s+/g, ' ');

/** What the text has in the place of the group. */
function found(text: string, pattern: RegExp): string {
  const [, figure] = pattern.exec(text) ?? [];
  if (figure === undefined) throw new Error(`the case has no ${String(pattern)}`);
  return figure;
}

/** Where each figure of the published account stands in the case file. */
const IN_THE_ACCOUNT: Readonly<Record<keyof typeof PUBLISHED, () => string>> = {
  model: () => found(facts(), /Model: `([^`]+)`/),
  prompt: () => found(facts(), /Prompt: `([^`]+)`/),
  oldest: () => published('| transformers')[0]?.replace('transformers ', '') ?? '',
  older: () => published('| transformers')[1] ?? '',
  newer: () => published('| transformers')[2]?.replace(', unpatched', '') ?? '',
  healthyLogit: () => published('logit of ` Paris`')[0] ?? '',
  faultyLogit: () => published('logit of ` Paris`')[2] ?? '',
  secondLogit: () => published('second logit')[0] ?? '',
  difference: () => found(notes(), /logits to differ by ~(\S+) between/),
  invFreq: () => published('`inv_freq[:4]`')[0] ?? '',
  lostInvFreq: () => published('`inv_freq[:4]`')[2] ?? '',
  cos: () => found(published('cos / sin at position 1')[0] ?? '', /^(.+?) …/),
  lostCos: () => found(published('cos / sin at position 1')[2] ?? '', /^(.+?) \//),
  lostSin: () => found(published('cos / sin at position 1')[2] ?? '', /\/ (.+)$/),
  tensors: () => found(facts(), /compare all (\d+) tensors/),
};

/** And each figure that was measured again. */
const MEASURED_AGAIN: Readonly<Record<keyof typeof REMEASURED, RegExp>> = {
  older: /Measured again \(transformers ([\d.]+),/,
  newer: /Measured again \(transformers [\d.]+, ([\d.]+),/,
  newest: /Measured again \(transformers [\d.]+, [\d.]+, ([\d.]+);/,
  torch: /; torch ([\d.]+) CPU; a tiny model of the same architecture/,
  loads: /about (\d+) unforced loads/,
  exactZeros: /unforced loads gave (\d+) exact zeros/,
  correct: /exact zeros and (\d+) correct values/,
  fewestNonZero: /(\d+) to \d+ of \d+ entries non-zero/,
  mostNonZero: /\d+ to (\d+) of \d+ entries non-zero/,
  entries: /\d+ to \d+ of (\d+) entries non-zero/,
  tinyLoads: /non-zero\. (\w+) loads were all below/,
  tiny: /loads were all below (\S+):/,
  guardLoads: /\((\d+) of \d+ stayed broken\)/,
  zerosByte: /`MALLOC_PERTURB_=(\d+)` makes the fresh memory exact zeros/,
  hugeByte: /`MALLOC_PERTURB_=(\d+)` makes every entry/,
  huge: /makes every entry about (\S+);/,
  kernelDifference: /eager and SDPA differ by (\S+) in the logits/,
  faultDifference: /healthy and faulty by (\S+) \(tiny model\)/,
  parameters: /435 = (\d+) parameters/,
  stateDict: /`state_dict\(\)` also has (\d+) entries/,
};

const text = (node: ReactNode) =>
  renderToStaticMarkup(node)
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll('&quot;', '"')
    .replaceAll(/\s+/g, ' ');

/** What stands in prose as a figure: versions, decimals, powers, and whole numbers. */
const FIGURE = /\d+(?:[.,]\d+)*(?:e-?\d+)?/g;

const memory = { getItem: () => null, setItem: () => undefined };

const PROSE: readonly (readonly [string, ReactNode])[] = [
  ['the case', <CasePage progress={createProgress(memory)} />],
  ...LESSONS.map(({ slug, prose, question, answers, then, measured }) => {
    const labels = answers.map(({ label }) => label).join(' ');
    return [
      slug,
      <>
        {prose} {question} {labels} {then.verdict} {then.how} {measured.verdict} {measured.how}
      </>,
    ] as const;
  }),
  ...REPAIRS.map(
    ({ number, prose, here }) =>
      [
        `repair ${number}`,
        <>
          {prose} {here}
        </>,
      ] as const,
  ),
];

/** Figures that are the page's own and no facts of the case, each with where it stands. */
const OF_THE_PAGE: ReadonlySet<string> = new Set([
  // "0 of 8 steps done".
  'the case: 8',
  // An answer that nobody has measured: what rounding would be.
  'attention-kernel: 0.00001',
]);

describe.skipIf(sharedMissing)('the figures of the case', () => {
  it.each(Object.entries(PUBLISHED) as [keyof typeof PUBLISHED, string][])(
    'published: %s is %s',
    (name, figure) => {
      expect(figure).toBe(IN_THE_ACCOUNT[name]());
    },
  );

  it.each(Object.entries(REMEASURED) as [keyof typeof REMEASURED, string][])(
    'measured again: %s is %s',
    (name, figure) => {
      expect(figure).toBe(found(facts(), MEASURED_AGAIN[name]));
    },
  );

  it.each(PROSE)('has every figure that stands in the prose of %s', (place, prose) => {
    const known = new Set(`${facts()} ${notes()}`.match(FIGURE));
    const figures = text(prose).match(FIGURE) ?? [];
    const strange = figures.filter((figure) => {
      return !known.has(figure) && !OF_THE_PAGE.has(`${place}: ${figure}`);
    });
    expect(strange).toEqual([]);
  });

  it('says the same of the published table, row by row', () => {
    const page = text(<CasePage progress={createProgress(memory)} />);
    for (const figure of [
      ...published('logit of ` Paris`'),
      ...published('second logit'),
      ...published('`inv_freq[:4]`').filter((cell) => cell !== 'same'),
    ]) {
      expect(page).toContain(figure);
    }
  });
});

describe('the repairs as code', () => {
  it.each([...REPAIRS.map(({ diff }) => diff), ALWAYS_DIFF])(
    'has a sign on every line',
    (...diff) => {
      for (const line of diff) expect(line).toMatch(/^($|[-+ ] )/);
      expect(diff.some((line) => line.startsWith('+ '))).toBe(true);
    },
  );
});
