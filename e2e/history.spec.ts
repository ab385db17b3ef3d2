import { readFile } from 'node:fs/promises';
import AxeBuilder from '@axe-core/playwright';
import type { Download, Locator, Page } from '@playwright/test';
import { partingPrompt } from './golden';
import { expect, type PlaygroundPage, test } from './playground';

/** The visitor's runs, in the words of a visitor. */
class RunHistory {
  readonly section: Locator;
  readonly summary: Locator;
  readonly entries: Locator;
  readonly search: Locator;
  readonly undo: Locator;
  readonly trouble: Locator;
  readonly notice: Locator;
  readonly pinned: Locator;

  constructor(readonly page: Page) {
    this.section = page.getByRole('region', { name: 'Your runs' });
    this.summary = this.section.locator('summary');
    this.entries = this.section.getByRole('list').getByRole('listitem');
    this.search = this.section.getByRole('searchbox', { name: 'Search' });
    this.undo = this.section.getByRole('button', { name: 'Undo' });
    this.trouble = this.section.locator('[data-kind=trouble]');
    this.notice = this.section.getByRole('alert');
    this.pinned = this.section.getByRole('region', { name: 'Compared with the pinned run' });
  }

  async open(): Promise<void> {
    await this.summary.click();
  }

  entry(prompt: string): Locator {
    return this.entries.filter({ hasText: prompt });
  }

  button(name: string): Locator {
    return this.section.getByRole('button', { name, exact: true });
  }

  prompts(): Promise<string[]> {
    return this.entries.evaluateAll((entries) =>
      entries.map((entry) => entry.querySelector('[dir=auto]')?.textContent ?? ''),
    );
  }

  /** Drops a file on the page, wherever. */
  async drop(name: string, type: string, text: string): Promise<void> {
    const transfer = await this.page.evaluateHandle(
      ([fileName, fileType, content]) => {
        const data = new DataTransfer();
        data.items.add(new File([content ?? ''], fileName ?? '', { type: fileType ?? '' }));
        return data;
      },
      [name, type, text],
    );
    const send = (type: 'dragover' | 'drop') =>
      this.page.locator('body').evaluate(
        (body, [name, dataTransfer]) => {
          const event = new DragEvent(name, { bubbles: true, cancelable: true, dataTransfer });
          return body.dispatchEvent(event);
        },
        [type, transfer] as const,
      );
    expect(await send('dragover'), 'the browser would leave the page').toBe(false);
    await expect(this.page.getByText('Drop it here.')).toBeVisible();
    expect(await send('drop'), 'the browser would leave the page').toBe(false);
    await expect(this.page.getByText('Drop it here.')).toBeHidden();
  }
}

/** Long enough for the lanes of the parting prompt to part, and to go on for a while. */
const LENGTH = Math.max(8, (partingPrompt().first_divergence ?? 0) + 4);

async function shown(playground: PlaygroundPage, ...prompts: string[]): Promise<RunHistory> {
  await playground.openReady();
  const history = new RunHistory(playground.page);
  await history.open();
  for (const prompt of prompts) {
    await playground.ask(prompt, LENGTH);
    await playground.runToEnd();
    await expect(history.entries.first()).toContainText(prompt);
  }
  return history;
}

async function textOf(download: Promise<Download>): Promise<string> {
  return readFile(await (await download).path(), 'utf8');
}

const CAPITAL = 'The capital of France is';
const REVERSE = 'Reverse: red dog cup fox ->';
const COUNT = 'Count: three, four,';

test('runs appear by themselves, survive a reload, and the same run again doubles nothing', async ({
  playground,
  page,
}) => {
  const { prompt } = partingPrompt();
  const history = await shown(playground);
  await expect(history.section).toContainText('Nothing yet. Press Run');
  for (const asked of [CAPITAL, prompt]) {
    await playground.ask(asked, LENGTH);
    await playground.runToEnd();
    await expect(history.entries.first()).toContainText(asked);
  }
  await expect(history.entry(prompt)).toContainText(/all zeros: parts at token \d+/);
  await expect(history.entry(prompt)).toContainText('On screen.');
  await page.reload();
  await history.open();
  expect(await history.prompts()).toEqual([prompt, CAPITAL]);
  await expect(playground.ready).toBeVisible();
  await playground.ask(CAPITAL, LENGTH);
  await playground.runToEnd();
  await expect(history.entries.first()).toContainText(CAPITAL);
  expect(await history.prompts()).toEqual([CAPITAL, prompt]);
});

test('a run is found, deleted and brought back', async ({ playground, page }) => {
  const history = await shown(playground, CAPITAL, REVERSE, COUNT);
  await history.search.fill('cup ZEROS');
  await expect(history.entries).toHaveCount(1);
  await expect(history.section).toContainText('1 of 3');
  await history.search.fill('nothing like it');
  await expect(history.section).toContainText('No run has all of these words.');
  await history.search.fill('');

  await history.entry(REVERSE).getByRole('button', { name: 'Delete' }).click();
  await expect(history.entries).toHaveCount(2);
  await expect(history.undo).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(history.entries).toHaveCount(3);
  expect(await history.prompts()).toEqual([COUNT, REVERSE, CAPITAL]);

  await history.button('Delete all').click();
  await expect(history.section).toContainText('Nothing yet.');
  await history.undo.click();
  await expect(history.entries).toHaveCount(3);
  await history.button('Delete all').click();
  await expect(history.entries).toHaveCount(0);
  // The link of the run in the address bar would run, and so keep, that run again.
  await page.goto('about:blank');
  await playground.openReady();
  await history.open();
  await expect(history.section).toContainText('Nothing yet.');
});

test('another tab shows the run at once', async ({ playground, context }) => {
  const history = await shown(playground, CAPITAL);
  const other = new RunHistory(await context.newPage());
  await other.page.goto(new URL('./', playground.page.url()).href);
  await other.open();
  await expect(other.entries).toHaveCount(1);
  await playground.ask(COUNT, LENGTH);
  await playground.runToEnd();
  await expect(other.entries).toHaveCount(2);
  await other.entry(CAPITAL).getByRole('button', { name: 'Delete' }).click();
  await expect(history.entries).toHaveCount(1);
  await other.page.close();
});

test('an entry opens: it runs again, and is what was kept', async ({ playground, page }) => {
  const history = await shown(playground, CAPITAL);
  const ids = await playground.ids(1);
  await playground.ask(COUNT, LENGTH);
  await playground.runToEnd();
  await expect(history.entries).toHaveCount(2);
  await history.entry(CAPITAL).getByRole('button', { name: 'Open' }).click();
  await expect(playground.prompt).toHaveValue(CAPITAL);
  await expect(page.getByRole('heading', { name: 'Reproduced' })).toBeVisible();
  expect(await playground.ids(1)).toEqual(ids);
  expect(await history.prompts()).toEqual([CAPITAL, COUNT]);
});

test('all runs can be saved as one file, which brings them back', async ({ playground, page }) => {
  const history = await shown(playground, CAPITAL, COUNT);
  const saved = page.waitForEvent('download');
  await history.button('Download all').click();
  const text = await textOf(saved);
  const { bundles } = JSON.parse(text) as { bundles: { prompt: { text: string } }[] };
  expect(bundles.map(({ prompt }) => prompt.text)).toEqual([COUNT, CAPITAL]);
  await history.button('Delete all').click();
  await expect(history.entries).toHaveCount(0);
  await page.locator('input[type=file]').setInputFiles({
    name: 'runs.json',
    mimeType: 'application/json',
    buffer: Buffer.from(text),
  });
  await expect(history.notice).toContainText('2 runs added to your runs.');
  expect(await history.prompts()).toEqual([COUNT, CAPITAL]);
});

test('a bundle that is dropped anywhere opens and is verified; one id altered is found out', async ({
  playground,
  page,
  browser,
  baseURL,
}) => {
  const first = await shown(playground, partingPrompt().prompt);
  const saved = page.waitForEvent('download');
  await first.entries.first().getByRole('button', { name: 'Download JSON' }).click();
  const bundle = await textOf(saved);

  const context = await browser.newContext(baseURL === undefined ? {} : { baseURL });
  const visitor = await context.newPage();
  await visitor.goto('./');
  const history = new RunHistory(visitor);
  await history.open();
  await history.drop('run.json', 'application/json', bundle);
  await expect(visitor.getByRole('textbox', { name: 'Prompt' })).toHaveValue(
    partingPrompt().prompt,
  );
  await expect(visitor.getByRole('heading', { name: 'Reproduced', exact: true })).toBeVisible();
  await expect(history.entries).toHaveCount(1);

  const altered = JSON.parse(bundle) as {
    firstDivergence: number;
    lanes: { ids: number[]; steps: { top: { id: number }[] }[] }[];
  };
  const lane = altered.lanes[1];
  const step = altered.firstDivergence + 1;
  const runnerUp = lane?.steps[step]?.top[1];
  const chosen = lane?.steps[step]?.top[0];
  if (lane === undefined || runnerUp === undefined || chosen === undefined)
    throw new Error('short');
  [chosen.id, runnerUp.id] = [runnerUp.id, chosen.id];
  lane.ids[step] = chosen.id;
  await history.drop('altered.json', 'application/json', JSON.stringify(altered));
  await expect(visitor.getByRole('heading', { name: /Reproduced up to step/ })).toContainText(
    `Reproduced up to step ${step}`,
  );
  await expect(history.entries).toHaveCount(2);
  expect(visitor.url()).toContain(new URL(page.url()).origin);
  await context.close();
});

test('a file that is no run is refused by name, and nothing is lost', async ({
  playground,
  page,
}) => {
  const history = await shown(playground, CAPITAL);
  await playground.prompt.fill('not run yet');
  const before = await playground.ids(1);
  for (const [name, type, text, said] of [
    ['cat.png', 'image/png', '\u0089PNG', 'It is not JSON, and a run is a JSON file.'],
    ['package.json', 'application/json', '{"name":"x"}', 'It is not the bundle of a run'],
    ['<img src=x onerror=alert(1)>.json', '', '{', '<img src=x onerror=alert(1)>.json'],
  ] as const) {
    await history.drop(name, type, text);
    await expect(history.notice).toContainText(`“${name}” cannot be opened.`);
    await expect(history.notice).toContainText(said);
  }
  await expect(playground.prompt).toHaveValue('not run yet');
  expect(await playground.ids(1)).toEqual(before);
  await expect(history.entries).toHaveCount(1);
  await history.notice.getByRole('button', { name: 'Close' }).click();
  await expect(history.notice).toBeEmpty();
  await expect(page.locator('img[src=x]')).toHaveCount(0);
});

test('a pinned run is compared with the one on screen, lane by lane, after a reload too', async ({
  playground,
  page,
}) => {
  const { prompt } = partingPrompt();
  const history = await shown(playground, prompt);
  await history.button('Pin this run').click();
  await expect(history.pinned).toContainText('The same run, with the same tokens in every lane.');
  const { fault } = playground;
  await fault.uncheck();
  await expect(history.pinned).toContainText('One lane says something else.');
  const rows = history.pinned.getByRole('row');
  await expect(rows).toHaveCount(3);
  await expect(rows.nth(1)).toContainText(/Healthy\s*the same \d+ tokens/);
  await expect(rows.nth(2)).toContainText(/against inv_freq lost: all zerosfirst differs at token/);
  await expect(rows.nth(2)).toContainText(/“.+”\s*\d+[\d.]+ ahead of the next.*“.+”\s*\d+/);

  await page.reload();
  await expect(history.pinned).toContainText('One lane says something else.');
  await fault.check();
  await expect(history.pinned).toContainText('The same run');
  await history.pinned.getByRole('button', { name: 'Unpin' }).click();
  await expect(history.pinned).toHaveCount(0);
  await expect(history.summary).toBeFocused();
});

test('storage that is full costs nothing on screen, and the page says so', async ({
  playground,
  page,
  baseURL,
}) => {
  const devtools = await page.context().newCDPSession(page);
  const { origin } = new URL(baseURL ?? '');
  // Before anything is written: Chromium asks for the quota once, and then not for a while.
  await page.goto('./favicon.svg');
  await devtools.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 1 });
  const history = await shown(playground, CAPITAL, COUNT);
  await expect(history.trouble).toHaveAttribute('data-code', 'storage-full');
  await expect(history.trouble).toContainText('New runs are not kept.');
  expect(await playground.ids(0)).not.toEqual([]);
  expect(await history.prompts()).toEqual([COUNT, CAPITAL]);
  const saved = page.waitForEvent('download');
  await history.entry(CAPITAL).getByRole('button', { name: 'Download JSON' }).click();
  expect(await textOf(saved)).toContain(CAPITAL);
  await history.entry(CAPITAL).getByRole('button', { name: 'Open' }).click();
  await expect(page.getByRole('heading', { name: 'Reproduced' })).toBeVisible();

  await devtools.send('Storage.overrideQuotaForOrigin', { origin });
  await playground.ask(REVERSE, LENGTH);
  await playground.runToEnd();
  await expect(history.trouble).toHaveCount(0);
  await page.reload();
  await history.open();
  expect(await history.prompts()).toEqual([REVERSE, CAPITAL, COUNT]);
});

test('where storage is forbidden, everything else works', async ({ playground, page }) => {
  await page.addInitScript(() => {
    Object.defineProperty(globalThis, 'indexedDB', {
      get: () => {
        throw new DOMException('The operation is insecure.', 'SecurityError');
      },
    });
  });
  const history = await shown(playground, CAPITAL);
  await expect(history.trouble).toHaveAttribute('data-code', 'storage-unavailable');
  await history.button('Pin this run').click();
  await expect(history.pinned).toContainText('The same run');
});

for (const [size, viewport, colorScheme] of [
  ['desktop', { width: 1280, height: 900 }, 'light'],
  ['phone', { width: 390, height: 844 }, 'dark'],
] as const) {
  test(`axe finds nothing serious, and nothing is too wide: ${size}, ${colorScheme}`, async ({
    playground,
    page,
  }) => {
    await page.setViewportSize(viewport);
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    const history = await shown(playground, CAPITAL, COUNT);
    await history.entry(CAPITAL).getByRole('button', { name: 'Pin', exact: true }).click();
    await expect(history.pinned).toBeVisible();
    await history.drop('cat.png', 'image/png', 'x');
    await expect(history.notice).not.toBeEmpty();
    const { violations } = await new AxeBuilder({ page }).analyze();
    const serious = violations.filter(({ impact }) =>
      ['serious', 'critical'].includes(impact ?? ''),
    );
    expect(serious.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
    const { scrollWidth, clientWidth } = await page.evaluate(() => document.documentElement);
    expect(scrollWidth).toBe(clientWidth);
  });
}
