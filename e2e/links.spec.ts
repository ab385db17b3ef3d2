import AxeBuilder from '@axe-core/playwright';
import { readFileSync } from 'node:fs';
import { linkTo, parseLink } from '../src/repro/link';
import type { Repro } from '../src/repro/repro';
import { partingPrompt } from './golden';
import {
  askAndRun,
  LENGTH,
  linkAfter,
  madeElsewhere,
  OpenedRun,
  withAnotherToken,
  withModel,
} from './linked';
import { expect, test } from './playground';

const OTHER_HASH = '0123456789abcdef';

test('a link that was made in one place is reproduced in another', async ({
  playground,
  page,
  browser,
  baseURL,
}) => {
  const prompt = 'The capital of France is';
  const link = await madeElsewhere(browser, baseURL, prompt);
  expect(link.length).toBeLessThanOrEqual(300);
  await page.goto(link);
  const { panel, title } = new OpenedRun(page);
  await expect(panel).toContainText(
    `This link shows “${prompt}” on nano-opensci: healthy and zero, up to ${LENGTH} tokens; made with`,
  );
  await playground.ended();
  await expect(title).toHaveText('✓ Reproduced');
  await expect(playground.prompt).toHaveValue(prompt);
  await expect(playground.length).toHaveValue(String(LENGTH));
  expect(await playground.ids(0)).toEqual(parseLink(link).expectation?.lanes[0]?.ids);
  await expect(page).toHaveURL(link);
});

test('a link opens its lanes with their names, its mode, its view and its pinned step', async ({
  playground,
  page,
  browser,
  baseURL,
}) => {
  const repro = parseLink(await madeElsewhere(browser, baseURL));
  await page.goto(
    linkTo(baseURL ?? '', {
      ...repro,
      lanes: [
        ...repro.lanes.slice(0, 1),
        { name: 'By half', fault: { kind: 'scaled', parameters: { alpha: 0.5 } }, guard: 'none' },
        { name: '', fault: { kind: 'uninitialised' }, guard: 'patch5' },
      ],
      mode: 'teacher-forced',
      view: 'logits',
      pinnedStep: 4,
      expectation: null,
    }),
  );
  const { panel, title } = new OpenedRun(page);
  await playground.ended();
  await expect(panel).toContainText(
    'healthy, “By half” scaled:alpha=0.5 and uninitialised behind patch5, up to 12 tokens, teacher-forced; not run',
  );
  await expect(title).toHaveText('Nothing to compare with');
  await expect(playground.lane('By half')).toBeVisible();
  await expect(playground.provenance).toContainText('teacher-forced');
  await expect(page.getByRole('tab', { name: 'Logits' })).toHaveAttribute('aria-selected', 'true');
  await expect(page.getByTestId('reading').getByRole('heading')).toContainText('Token 5 ');
});

test('a link with one altered token is reproduced up to the step before', async ({
  playground,
  page,
  browser,
  baseURL,
}) => {
  const link = await madeElsewhere(browser, baseURL);
  await page.goto(withAnotherToken(link, 1, 4));
  await playground.ended();
  const { panel, title } = new OpenedRun(page);
  await expect(title).toHaveText('≠ Reproduced up to step 4');
  const found = parseLink(link).expectation?.lanes[1]?.ids[4];
  await expect(panel).toContainText(/At token 5 of lane 2 \(inv_freq lost: all zeros\): expected/);
  await expect(panel).toContainText(
    new RegExp(`expected (“.+” \\()?id [56]\\)?, found “.+” \\(id ${found}\\), which is .+ ahead`),
  );
});

test('a link with another hash runs nothing until it is asked to, and is then still another model', async ({
  playground,
  page,
  browser,
  baseURL,
}) => {
  const link = await madeElsewhere(browser, baseURL);
  await page.goto(withModel(link, { sha256: OTHER_HASH }));
  const { panel, title } = new OpenedRun(page);
  await expect(title).toHaveText('≠ Different model');
  await expect(panel).toContainText(OTHER_HASH);
  await expect(panel).toContainText(parseLink(link).model.sha256);
  await expect(playground.prompt).toHaveValue(partingPrompt().prompt);
  await expect(playground.comparison('done')).toHaveCount(0);

  await panel.getByRole('button', { name: 'Run it with this model all the same' }).click();
  await playground.ended();
  await expect(title).toHaveText('≠ Different model');
  await expect(panel).toContainText('Run all the same: reproduced.');
});

test('a link of a model of somebody’s files is not run: it asks for them, and says how else', async ({
  playground,
  page,
  browser,
  baseURL,
}) => {
  const link = withModel(await madeElsewhere(browser, baseURL), { id: 'someone/large' });
  await page.goto(link);
  const { panel, title } = new OpenedRun(page);
  await expect(title).toHaveText('It needs a model of somebody’s files');
  await expect(panel).toContainText('someone/large');
  await expect(panel.getByRole('button', { name: 'Choose a folder…' })).toBeVisible();
  await expect(panel.getByLabel('Command')).toHaveText(
    `npm run --silent lab -- repro '${link}' --model DIR`,
  );
  await expect(playground.ready).toBeVisible();
  await expect(playground.comparison('done')).toHaveCount(0);
});

test('a link of version 1 opens', async ({ playground, page }) => {
  const file = new URL('../src/repro/fixtures/link-v1-typical.json', import.meta.url);
  const { link, repro } = JSON.parse(readFileSync(file, 'utf8')) as { link: string; repro: Repro };
  await page.goto(`./#${link}`);
  const { panel, title } = new OpenedRun(page);
  await expect(panel).toContainText(`This link shows “${repro.prompt}” on nano-opensci: healthy`);
  await expect(title).toHaveText('≠ Different model');
  await expect(playground.prompt).toHaveValue(repro.prompt);
  await panel.getByRole('button', { name: 'Run it with this model all the same' }).click();
  await playground.ended();
});

test('a damaged link is said so, and changes nothing until the next run', async ({
  playground,
  page,
  browser,
  baseURL,
}) => {
  const link = (await madeElsewhere(browser, baseURL)).slice(0, -5);
  await playground.openReady();
  await playground.ask('My own words', 9);
  await playground.fault.uncheck();
  await page.goto(link);
  const { panel, title } = new OpenedRun(page);
  await expect(title).toHaveText('! This link cannot be opened');
  await expect(panel).toContainText('Ask for the link again, and copy all of it.');
  await expect(playground.prompt).toHaveValue('My own words');
  await expect(playground.length).toHaveValue('9');
  await expect(playground.fault).not.toBeChecked();
  await expect(page).toHaveURL(link);
  await playground.runToEnd();
  await linkAfter(page, link);
  await expect(panel).toHaveCount(0);
});

test('back and forward move between runs, and a change of lanes makes no entry', async ({
  playground,
  page,
}) => {
  await playground.openReady();
  await askAndRun(playground, 'Copy: red dog cup fox ->');
  const second = await askAndRun(playground, 'Count: three, four,');
  await playground.fault.uncheck();
  await linkAfter(page, second);
  const own = await playground.ids(1);

  await page.goBack();
  await expect(playground.provenance).toContainText('“Copy: red dog cup fox ->”');
  await playground.ended();
  await expect(playground.prompt).toHaveValue('Copy: red dog cup fox ->');
  await expect(playground.fault).toBeChecked();
  await expect(new OpenedRun(page).panel).toHaveCount(0);

  await page.goForward();
  await expect(playground.provenance).toContainText('“Count: three, four,”');
  await playground.ended();
  await expect(playground.fault).not.toBeChecked();
  expect(await playground.ids(1)).toEqual(own);
});

test('a reload keeps the run, and what was typed since', async ({ playground, page }) => {
  await playground.openReady();
  const link = await askAndRun(playground, 'Reverse: red dog cup fox ->');
  const ids = await playground.ids(1);
  await playground.prompt.fill('Typed since');
  await page.reload();
  await playground.ended();
  await expect(playground.provenance).toContainText('“Reverse: red dog cup fox ->”');
  await expect(playground.prompt).toHaveValue('Typed since');
  expect(await playground.ids(1)).toEqual(ids);
  await expect(page).toHaveURL(link);
});

test('a link that is pasted into the bar opens, and stays to go back to when a lane is changed', async ({
  playground,
  page,
  browser,
  baseURL,
}) => {
  const link = await madeElsewhere(browser, baseURL, 'Copy: red dog cup fox ->');
  await playground.openReady();
  await askAndRun(playground, 'Count: three, four,');
  await page.evaluate((href) => {
    window.location.href = href;
  }, link);
  const { panel, title } = new OpenedRun(page);
  await expect(title).toHaveText('✓ Reproduced');
  await playground.fault.uncheck();
  await expect(title).toHaveText('No longer on screen');
  await linkAfter(page, link);
  await page.goBack();
  await expect(page).toHaveURL(link);
  await expect(title).toHaveText('✓ Reproduced');
  await playground.fault.uncheck();
  await panel.getByRole('button', { name: 'Open it again' }).click();
  await expect(title).toHaveText('✓ Reproduced');
  await panel.getByRole('button', { name: 'Close' }).click();
  await expect(panel).toHaveCount(0);
});

test('markup in a link is text, and what turns writing round is made visible', async ({
  playground,
  page,
  browser,
  baseURL,
}) => {
  const marker = '<img src=x onerror="window.struck = true"><b id="struck">';
  const repro = parseLink(await madeElsewhere(browser, baseURL));
  await page.goto(
    linkTo(baseURL ?? '', {
      ...repro,
      prompt: `${marker} \u202edrawkcab`,
      lanes: repro.lanes.map((lane, i) =>
        i === 1 ? { ...lane, name: '<s id="struck">lane' } : lane,
      ),
      expectation: repro.expectation && { ...repro.expectation, appVersion: '<u id="struck">' },
    }),
  );
  const { panel, title } = new OpenedRun(page);
  await playground.ended();
  await expect(title).toHaveText(/^≠ (Not reproduced|Reproduced up to step)/);
  await expect(panel).toContainText(`${marker} U+202Edrawkcab`);
  await expect(panel).toContainText('<s id="struck">lane');
  await expect(panel).toContainText('made with <u id="struck"> on WASM');
  await expect(page.locator('#struck')).toHaveCount(0);
  expect(await page.evaluate(() => 'struck' in window)).toBe(false);
});

test('what was set before a link comes back, also on the next visit', async ({
  playground,
  page,
  browser,
  baseURL,
}) => {
  const link = await madeElsewhere(browser, baseURL);
  await playground.openReady();
  await playground.ask('My own words', 9);
  await page.goto(link);
  const { bringBack } = new OpenedRun(page);
  await playground.ended();
  await expect(playground.prompt).toHaveValue(partingPrompt().prompt);
  await expect(bringBack).toBeVisible();
  await page.goto('about:blank');
  await playground.open();
  await expect(playground.prompt).toHaveValue(partingPrompt().prompt);
  await bringBack.click();
  await expect(playground.prompt).toHaveValue('My own words');
  await expect(playground.length).toHaveValue('9');
  await expect(bringBack).toHaveCount(0);
});

for (const [width, height] of [
  [1280, 900],
  [390, 844],
] as const) {
  test(`axe finds nothing serious beside a verdict: ${width}`, async ({
    playground,
    page,
    browser,
    baseURL,
  }) => {
    const link = await madeElsewhere(browser, baseURL);
    await page.setViewportSize({ width, height });
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await playground.openReady();
    await playground.prompt.fill('My own words');
    await page.goto(withAnotherToken(link, 1, 4));
    const { title, bringBack } = new OpenedRun(page);
    const ofFiles = withModel(link, { id: 'mine', sha256: 'f'.repeat(16) });
    const ofHub = withModel(link, {
      id: 'someone/large',
      hub: 'https://hub.example.org',
      commit: '0123456789'.repeat(4),
      packing: 'int4',
      bytes: 2 ** 30,
    });
    for (const [text, next] of [
      ['≠ Reproduced up to step 4', ofFiles],
      ['It needs a model of somebody’s files', ofHub],
      ['It needs another model', null],
    ] as const) {
      await expect(title).toHaveText(text);
      await expect(title).toBeInViewport();
      await expect(bringBack).toBeVisible();
      const { violations } = await new AxeBuilder({ page }).analyze();
      const serious = violations.filter(({ impact }) =>
        ['serious', 'critical'].includes(impact ?? ''),
      );
      expect(serious.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
      const { scrollWidth, clientWidth } = await page.evaluate(() => document.documentElement);
      expect(scrollWidth).toBe(clientWidth);
      if (next !== null) await page.goto(next);
    }
  });
}
