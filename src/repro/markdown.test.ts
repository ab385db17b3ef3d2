import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { markdownOf } from './markdown';
import type { FinishedRun } from './repro';
import { finishedRun, finishedRuns } from './testing/repros';

const LINK = 'https://example.org/play/#1.AbC-_9';
const OPTIONS = { link: LINK, appVersion: '0.1.0' };

describe('markdownOf', () => {
  it('has versions, lanes, where they part, and the link', () => {
    const run = finishedRun([
      [5, 6, 7],
      [5, 9],
      [5, 6, 7],
    ]);
    const lanes = run.lanes.map((lane, i) => ({ ...lane, name: i === 1 ? 'lost' : '' }));
    expect(markdownOf({ ...run, lanes }, OPTIONS)).toBe(
      [
        '| model | SHA-256 of its weights | playground | execution provider |',
        '| --- | --- | --- | --- |',
        '| `nano` | `c0ffee00c0ffee00` | `0.1.0` | wasm |',
        '',
        'Prompt: `The capital of France is`',
        '',
        'Mode free, at most 3 new tokens.',
        '',
        '| lane | name | fault | guard | tokens | ended | parts from lane 1 |',
        '| --- | --- | --- | --- | --- | --- | --- |',
        '| 1 |  | `none` | none | 3 | length |  |',
        '| 2 | `lost` | `zero` | none | 2 | length | at token 2 |',
        '| 3 |  | `zero` | none | 3 | length | nowhere |',
        '',
        '```text',
        'lane 1  … The capital of France is w5[[ w6]] w7',
        'lane 2  … The capital of France is w5[[ w9]]',
        '```',
        '',
        'Open this run: <https://example.org/play/#1.AbC-_9>',
      ].join('\n'),
    );
  });

  it('says where the model is from, and how its weights were held', () => {
    const hub = 'https://hub.example.org';
    const model = { id: 'org/nano', sha256: 'c0ffee00'.repeat(8), hub, commit: '01234'.repeat(8) };
    const run = finishedRun([[5, 6]]);
    expect(markdownOf({ ...run, model: { ...model, packing: 'int4' } }, OPTIONS)).toContain(
      '\n\nThe model: from `https://hub.example.org/org/nano` at ' +
        `\`${'01234'.repeat(8)}\`, its weights packed to int4.\n\n`,
    );
    expect(markdownOf(run, OPTIONS)).not.toContain('The model:');
  });

  it('shows some tokens before, and says where a lane had ended', () => {
    const ids = Array.from({ length: 20 }, (_, i) => i);
    const text = markdownOf(finishedRun([ids, ids.slice(0, 12)]), OPTIONS);
    expect(text).toContain('lane 1  …  w4 w5 w6 w7 w8 w9 w10 w11[[ w12]] w13 w14 w15 w16\n');
    expect(text).toContain('lane 2  …  w4 w5 w6 w7 w8 w9 w10 w11[it had ended]\n');
  });

  it('has no context where nothing parts', () => {
    expect(markdownOf(finishedRun([[5, 6]]), OPTIONS)).not.toContain('```');
  });

  it('cuts a long prompt, and links to nothing but the page', () => {
    const text = markdownOf(finishedRun([[5]], { prompt: 'word '.repeat(1000) }), OPTIONS);
    expect(text.length).toBeLessThan(1500);
    for (const link of ['javascript:alert(1)', 'no link', 'data:text/html,<b>']) {
      expect(markdownOf(finishedRun([[5]]), { ...OPTIONS, link })).toContain(`\`${link}\``);
    }
    const odd = markdownOf(finishedRun([[5]]), {
      ...OPTIONS,
      link: 'https://example.org/<b> `x`|#1.A',
    });
    expect(odd).toContain('<https://example.org/%3Cb%3E%20%60x%60|#1.A>');
  });
});

/** What is left of Markdown without its code: fenced blocks by lines, spans by runs of as many backticks. */
function withoutCode(markdown: string): string {
  const blocks = markdown.replaceAll(/^(`{3,})text\n[^]*?\n\1$/gm, 'BLOCK');
  return blocks.replaceAll(/(?<!`)(`+)(?!`)([^]*?[^`])\1(?!`)/g, (_, __, inside: string) => {
    expect(inside).not.toContain('\n');
    return 'CODE';
  });
}

describe('what a stranger wrote', () => {
  const NASTY = [
    '<img src=x onerror=alert(1)>',
    '@someone #1 https://evil.example',
    '`` `code` ```',
    '| a | b |\n| --- | --- |',
    'line\n\n# heading\r\n```\n',
    '\u202Etxet \u2066hidden\u2069',
    '[link](https://evil.example) ![image](x)',
    '\\',
    '\\|\\`',
    '**bold** _it_ ~~no~~',
    ' ',
    '`',
    '&lt;b&gt;',
    'a\0b\uD800',
  ];
  const text = fc.oneof(fc.constantFrom(...NASTY), fc.string({ unit: 'binary', maxLength: 30 }));
  const withTexts = (run: FinishedRun, texts: readonly string[]): FinishedRun => {
    let next = 0;
    const take = () => texts[next++ % texts.length] ?? '';
    return {
      ...run,
      model: { ...run.model, id: take() || 'x' },
      prompt: take() || 'x',
      lanes: run.lanes.map((lane) => ({ ...lane, name: take().trim() || 'x' })),
      results: run.results.map((result) => ({
        ...result,
        steps: result.steps.map(({ top }) => ({
          top: top.map((one) => ({ ...one, token: take() })),
        })),
      })),
    };
  };

  it('stands in code only: around it nothing changes, whatever it is', () => {
    fc.assert(
      fc.property(finishedRuns, fc.array(text, { minLength: 1, maxLength: 40 }), (run, texts) => {
        const markdown = markdownOf(withTexts(run, texts), OPTIONS);
        expect(withoutCode(markdown)).toBe(
          withoutCode(markdownOf(withTexts(run, ['plain']), OPTIONS)),
        );
        expect(markdown).toMatch(/^(\n|\u200D|[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}])*$/u);
        // Cells are told apart before code is.
        for (const line of markdown.split('\n').filter((one) => one.startsWith('| '))) {
          expect([5, 8]).toContain(line.split('|').length - 1);
        }
      }),
      { numRuns: 500 },
    );
  });

  it.each(NASTY)('%j: nothing of it is outside of code', (nasty) => {
    const markdown = markdownOf(
      withTexts(
        finishedRun([
          [5, 6],
          [5, 9],
        ]),
        [nasty],
      ),
      OPTIONS,
    );
    expect(withoutCode(markdown)).not.toMatch(/evil|someone|onerror|bold|heading|hidden|image/);
  });
});
