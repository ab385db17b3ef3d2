import { readFileSync } from 'node:fs';
import AxeBuilder from '@axe-core/playwright';
import type { Locator, Page } from '@playwright/test';
import { golden } from './golden';
import { expect, test } from './playground';

const STEPS = [
  'apply-rotary',
  'early-read',
  'attention-kernel',
  'forced-eager',
  'every-tensor',
  'position-by-position',
  'cos-and-sin',
  'every-intermediate',
] as const;
type Slug = (typeof STEPS)[number];

const PHONE = { width: 390, height: 844 };

/** A page of lessons, in the words of a visitor. */
class LearnPage {
  readonly showMe: Locator;
  readonly happened: Locator;
  readonly heading: Locator;

  constructor(readonly page: Page) {
    this.showMe = page.getByRole('button', { name: 'Just show me' });
    this.happened = page.getByTestId('happened');
    this.heading = page.getByRole('heading', { level: 2 });
  }

  async open(fragment: string): Promise<void> {
    await this.page.goto(`./learn.html#${fragment}`);
    await expect(this.heading).toBeVisible();
  }

  async shown(slug: Slug): Promise<void> {
    await this.open(slug);
    await this.showMe.click();
    await this.done();
  }

  async done(): Promise<void> {
    await expect(this.page.locator('[data-experiment=done]')).toBeVisible();
  }

  /** Text of a cell of the finding's first table, by the name of its row. */
  cell(row: string, column: number): Locator {
    const found = this.page.getByRole('rowheader', { name: row, exact: true });
    return found.locator('xpath=..').getByRole('cell').nth(column);
  }

  async number(row: string, column: number): Promise<number> {
    return Number((await this.cell(row, column).innerText()).replace('exactly ', ''));
  }

  step(slug: string): Locator {
    return this.page.getByRole('navigation', { name: 'Steps' }).locator(`a[href="#${slug}"]`);
  }

  isDone(slug: string): Promise<boolean> {
    return this.step(slug)
      .innerText()
      .then((text) => text.includes('✓'));
  }

  async tabTo(target: Locator): Promise<void> {
    for (let presses = 0; presses < 60; presses++) {
      if (await target.evaluate((element) => element === document.activeElement)) return;
      await this.page.keyboard.press('Tab');
    }
    throw new Error('60 times Tab do not lead there');
  }

  async seriousFindings(): Promise<unknown[]> {
    const { violations } = await new AxeBuilder({ page: this.page }).analyze();
    return violations
      .filter(({ impact }) => ['serious', 'critical'].includes(impact ?? ''))
      .map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]);
  }

  async isAsWideAsTheScreen(): Promise<boolean> {
    const { scrollWidth, clientWidth } = await this.page.evaluate(() => document.documentElement);
    return scrollWidth === clientWidth;
  }
}

const lesson = (page: Page) => new LearnPage(page);

test.beforeEach(({ playground }) => {
  // Its checks, of requests and of errors, hold for these pages too.
  expect(playground).toBeDefined();
});

/** What each experiment must find, on WASM, in this browser. */
const RELATIONS: Readonly<Record<Slug, (learn: LearnPage) => Promise<void>>> = {
  'apply-rotary': async (learn) => {
    expect(await learn.number('faulty lane’s query', 2)).toBe(0);
    expect(await learn.number('each lane’s query', 2)).toBeGreaterThan(1);
  },
  'early-read': async (learn) => {
    await expect(learn.cell('__init__ has run', 0)).toContainText('Cannot copy out of meta tensor');
    await expect(learn.cell('__init__ has run', 1)).toHaveText('1.000, 0.649, 0.422, 0.274');
    await expect(learn.cell('inside forward', 0)).not.toContainText('0.649');
    const forward = await learn.cell('inside forward', 0).innerText();
    await expect(learn.happened).toContainText(forward.trim());
    const place = learn.page.getByLabel('Place the probe where');
    const read = learn.page.getByRole('status').filter({ hasText: 'There it reads' });
    await expect(read).toContainText('Cannot copy out of meta tensor');
    await expect(read).toContainText(`Later, inside forward, it reads: ${forward.trim()}`);
    await place.selectOption('inside forward');
    await expect(read).toContainText(`There it reads: ${forward.trim()}`);
    await place.selectOption('from_pretrained is called');
    await expect(read).toContainText('no buffer yet');
  },
  'attention-kernel': async (learn) => {
    const kernel = await learn.number('healthy, eager', 2);
    expect(kernel).toBeGreaterThan(0);
    expect(kernel).toBeLessThan(1e-3);
    expect(await learn.number('inv_freq lost, fused', 2)).toBeGreaterThan(1);
  },
  'forced-eager': async (learn) => {
    const texts = ['fused', 'eager'].map((graph) =>
      learn.cell(`inv_freq lost, ${graph}`, 0).innerText(),
    );
    const [fused, eager] = await Promise.all(texts);
    expect(eager).toBe(fused);
    expect(await learn.cell('healthy, fused', 0).innerText()).not.toBe(fused);
    expect(await learn.number('inv_freq lost, eager', 1)).toBeGreaterThan(1);
  },
  'every-tensor': async (learn) => {
    const { page } = learn;
    await page.getByText(/^All \d+ tensors and their hashes/).click();
    const rows = page.getByRole('table').last().locator('tbody tr');
    const count = await rows.count();
    await expect(learn.happened).toContainText(`${count} of ${count} tensors were the same`);
    await expect(learn.happened).toContainText('inv_freq is not among them');
    await expect(rows.filter({ hasText: 'inv_freq' })).toHaveCount(0);
    const parameters = await learn.number('parameters in the checkpoint', 1);
    expect(parameters).toBe(count);
    expect(await learn.number('… and the buffer inv_freq', 1)).toBe(count + 1);
  },
  'position-by-position': async (learn) => {
    for (const column of [1, 2, 3, 4]) expect(await learn.number('0', column)).toBe(0);
    for (const position of ['1', '2', '3', '4', '5']) {
      expect(await learn.number(position, 1)).toBe(0);
      expect(await learn.number(position, 2)).toBeGreaterThan(0.1);
    }
  },
  'cos-and-sin': async (learn) => {
    await expect(learn.cell('inv_freq lost', 0)).toHaveText('1.000, 1.000, 1.000, 1.000');
    await expect(learn.cell('inv_freq lost', 1)).toHaveText('0.000, 0.000, 0.000, 0.000');
    const lost = await learn.number('inv_freq lost', 2);
    const rounded = await learn.number('cos and sin in bfloat16', 2);
    expect(lost).toBeGreaterThan(1);
    expect(rounded).toBeLessThan(lost / 100);
    await expect(learn.cell('cos and sin in bfloat16', 3)).toHaveText('none');
  },
  'every-intermediate': async (learn) => {
    await expect(learn.cell('inv_freq', 0)).toHaveText('1.000, 0.649, 0.422, 0.274');
    await expect(learn.cell('inv_freq', 1)).toHaveText('0.000, 0.000, 0.000, 0.000');
    expect(await learn.cell('q after', 1).innerText()).toBe(
      await learn.cell('q before', 1).innerText(),
    );
    expect(await learn.cell('q after', 0).innerText()).not.toBe(
      await learn.cell('q before', 0).innerText(),
    );
  },
};

for (const slug of STEPS) {
  test(`its own link opens ${slug}, and its experiment finds what it should`, async ({ page }) => {
    const learn = lesson(page);
    await learn.shown(slug);
    await expect(page.getByText('Nothing: you asked to be shown.')).toBeVisible();
    await expect(page.getByRole('heading', { name: 'The verdict then' })).toBeVisible();
    await expect(page.getByRole('heading', { name: /^Measured since/ })).toBeVisible();
    await RELATIONS[slug](learn);
  });
}

test('a visitor goes through all steps with the keyboard, on a phone', async ({ page }) => {
  test.setTimeout(240_000);
  const learn = lesson(page);
  await page.setViewportSize(PHONE);
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await learn.open('');
  await learn.tabTo(page.getByRole('link', { name: 'Begin with step 1' }));
  await page.keyboard.press('Enter');
  for (const [index, slug] of STEPS.entries()) {
    await expect(page).toHaveURL(new RegExp(`#${slug}$`));
    await expect(learn.heading).toBeFocused();
    await expect(page.getByText(`Step ${index + 1} of 8`)).toBeVisible();
    const title = await learn.heading.innerText();
    await expect(page).toHaveTitle(`${title} · Learn · RoPE Collapse Playground`);
    const answers = page.locator('form').getByRole('radio');
    const second = answers.nth(1);
    await learn.tabTo(answers.first());
    await page.keyboard.press('ArrowDown');
    await expect(second).toBeChecked();
    const expected = await second.locator('xpath=..').innerText();
    await page.keyboard.press('Enter');
    await expect(page.getByRole('heading', { level: 3 }).first()).toBeFocused();
    await learn.done();
    await expect(page.getByRole('definition').first()).toHaveText(expected);
    await expect(learn.happened).not.toBeEmpty();
    await RELATIONS[slug](learn);
    expect(await learn.isAsWideAsTheScreen(), slug).toBe(true);
    expect(await learn.isDone(slug)).toBe(true);
    await learn.tabTo(page.getByRole('link', { name: /^Next/ }));
    await page.keyboard.press('Enter');
  }
  await expect(learn.heading).toHaveText('The five repairs');
});

test('progress survives a reload, and starting over clears it', async ({ page }) => {
  const learn = lesson(page);
  await learn.open('apply-rotary');
  await page.getByRole('radio', { name: 'The same up to rounding' }).check();
  await page.getByRole('button', { name: 'Run the experiment' }).click();
  await learn.done();
  await page.reload();
  expect(await learn.isDone('apply-rotary')).toBe(true);
  expect(await learn.isDone('early-read')).toBe(false);
  await expect(page.getByRole('definition').first()).toHaveText('The same up to rounding');
  await expect(page.getByText('You ran this on an earlier visit.')).toBeVisible();
  await page.getByRole('button', { name: 'Run the experiment' }).click();
  await learn.done();
  await RELATIONS['apply-rotary'](learn);

  await learn.step('case').click();
  await expect(page.getByText('1 of 8 steps done.')).toBeVisible();
  await expect(page.getByRole('link', { name: 'Go on with step 2' })).toBeVisible();
  await page.getByRole('button', { name: 'Start over' }).click();
  await expect(page.getByText('0 of 8 steps done.')).toBeVisible();
  await page.reload();
  expect(await learn.isDone('apply-rotary')).toBe(false);
  await learn.step('apply-rotary').click();
  await expect(learn.showMe).toBeVisible();
});

test('an experiment waits for an answer, or for being asked to show', async ({ page }) => {
  const learn = lesson(page);
  await learn.open('cos-and-sin');
  await page.getByRole('button', { name: 'Run the experiment' }).click();
  await expect(page.locator('form input').first()).toBeFocused();
  await expect(page.locator('[data-experiment]')).toHaveCount(0);
  expect(await learn.isDone('cos-and-sin')).toBe(false);
});

test('the browser’s back and forward go through the steps; an unknown one is said to be', async ({
  page,
}) => {
  const learn = lesson(page);
  await learn.open('early-read');
  await learn.step('every-tensor').click();
  await expect(learn.heading).toHaveText('Compare every tensor');
  await expect(learn.step('every-tensor')).toHaveAttribute('aria-current', 'step');
  await page.goBack();
  await expect(learn.heading).toHaveText('A probe that reads too early');
  await page.goForward();
  await expect(learn.heading).toHaveText('Compare every tensor');
  await learn.open('no-such-step');
  await expect(page.getByRole('alert')).toContainText('no step of that name');
});

test('the text of step 8 has every intermediate of the position that is chosen', async ({
  page,
}) => {
  const learn = lesson(page);
  await learn.shown('every-intermediate');
  const { prompt_ids } = golden.prompts[0] ?? { prompt_ids: [] };
  const last = prompt_ids.length - 1;
  await page.getByRole('combobox', { name: 'Position' }).selectOption(String(last));
  const waiting = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save all of it as text' }).click();
  const download = await waiting;
  expect(download.suggestedFilename()).toBe(`trace-nano-opensci-position-${last}.txt`);
  const text = readFileSync(await download.path(), 'utf8');
  expect(text).toContain(`sha256 ${golden.weights_sha256}`);
  expect(text).toContain(`prompt ids ${prompt_ids.join(' ')}`);
  const lanes = text.split('\nlane ').slice(1);
  expect(lanes).toHaveLength(3);
  for (const lane of lanes) {
    const lines = lane.trim().split('\n').slice(1);
    const names = lines.map((line) => line.replace(/:.*/, ''));
    // inv_freq, cos, sin and logits; q and k before and after, four layers of three heads.
    expect(new Set(names).size).toBe(4 + 4 * 4 * 3);
    expect(lines).toHaveLength(names.length);
    const sizes = lines.map((line) => line.split(': ')[1]?.split(' ').length);
    expect(sizes.slice(0, 4)).toEqual([32, 32, 32, 64]);
    const logits = (lines.at(-1)?.split(': ')[1] ?? '').split(' ').map(Number);
    expect(logits.every(Number.isFinite)).toBe(true);
    const chosen = logits.indexOf(Math.max(...logits));
    const { healthy, zero } = golden.prompts[0] ?? {};
    expect([healthy?.ids[0], zero?.ids[0]]).toContain(chosen);
  }
  expect(lanes[0]).toContain('inv_freq: 1 0.649');
  expect(lanes[1]).toMatch(/inv_freq: 0( 0){31}\n/);
});

test('repairs: the first that is missing decides, and only exact zeros are mended by the fifth', async ({
  page,
}) => {
  const learn = lesson(page);
  await learn.open('repair-5');
  await expect(page.getByRole('heading', { name: /^Repair 5/ })).toBeFocused();
  await page.getByRole('button', { name: 'Run the lanes' }).click();
  const text = () => learn.cell('with these repairs', 3);
  const healthy = await learn.cell('healthy', 3).innerText();
  expect(await learn.number('with these repairs', 1)).toBeGreaterThan(1);

  const switchOf = (number: number) =>
    page.getByRole('switch', { name: new RegExp(`^${number}\\.`) });
  await switchOf(1).uncheck();
  await expect(learn.cell('with these repairs', 0)).toHaveText('none');
  await expect(text()).toHaveText('It stops at the import: there is no LossKwargs.');
  await switchOf(1).check();
  await switchOf(3).uncheck();
  await expect(text()).toContainText('an output head that nobody has filled');
  await switchOf(3).check();

  await switchOf(5).check();
  await expect(learn.cell('with these repairs', 2)).toHaveText('yes');
  expect(await learn.number('with these repairs', 1)).toBe(0);
  await expect(text()).toHaveText(healthy);
  for (const memory of ['leftovers', 'all below 1e-6']) {
    await page.getByRole('radio', { name: memory }).check({ force: true });
    await expect(learn.cell('with these repairs', 2)).toHaveText('no');
    expect(await learn.number('with these repairs', 1)).toBeGreaterThan(1);
  }
  await page.getByRole('radio', { name: 'without asking' }).check({ force: true });
  expect(await learn.number('with these repairs', 1)).toBe(0);
  await expect(text()).toHaveText(healthy);
});

test('a lesson’s lanes run in the playground', async ({ playground, page }) => {
  const learn = lesson(page);
  await learn.shown('every-intermediate');
  await page.getByRole('link', { name: 'Run this in the playground' }).click();
  await expect(page).toHaveTitle('RoPE Collapse Playground');
  await playground.ended();
  await expect(playground.prompt).toHaveValue('The capital of France is');
  await expect(playground.lane('inv_freq lost: all zeros')).toBeVisible();
  await expect(playground.lane('inv_freq lost: whatever memory held')).toBeVisible();
  await page.goBack();
  await expect(learn.heading).toHaveText('Write out every intermediate');
});

test('a model that does not load costs the numbers only, and can be tried again', async ({
  page,
}) => {
  const learn = lesson(page);
  await page.route('**/config.json', (route) => route.fulfill({ status: 404, body: '' }));
  await learn.open('attention-kernel');
  await learn.showMe.click();
  const alert = page.getByRole('alert');
  await expect(alert).toHaveAttribute('data-code', 'config-missing');
  await expect(page.getByRole('heading', { name: 'The verdict then' })).toBeVisible();
  expect(await learn.seriousFindings()).toEqual([]);
  await page.unroute('**/config.json');
  await page.getByRole('button', { name: 'Try again' }).click();
  await learn.done();
  await expect(alert).toHaveCount(0);
  await RELATIONS['attention-kernel'](learn);
});

for (const [size, viewport] of [
  ['desktop', { width: 1280, height: 900 }],
  ['phone', PHONE],
] as const) {
  for (const colorScheme of ['light', 'dark'] as const) {
    test(`axe finds nothing serious: ${size}, ${colorScheme}`, async ({ page }) => {
      const learn = lesson(page);
      const complaints: string[] = [];
      page.on('console', (message) => {
        if (message.text().includes('Content Security Policy')) complaints.push(message.text());
      });
      await page.setViewportSize(viewport);
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      const check = async (place: string) => {
        expect(await learn.seriousFindings(), place).toEqual([]);
        expect(await learn.isAsWideAsTheScreen(), place).toBe(true);
      };
      await learn.open('');
      await check('the case');
      for (const slug of STEPS) {
        await learn.open(slug);
        if (slug === 'apply-rotary') await check(`${slug}, before`);
        await learn.showMe.click();
        await learn.done();
        await check(slug);
      }
      await learn.open('repairs');
      await page.getByRole('button', { name: 'Run the lanes' }).click();
      await expect(page.getByRole('button', { name: 'Run them again' })).toBeVisible();
      await check('repairs');
      expect(complaints).toEqual([]);
    });
  }
}
