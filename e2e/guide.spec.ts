import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { INSTANCES, threadUrl } from '../src/features/guide/instances';
import { parseLink } from '../src/repro/link';
import { expect, test } from './playground';

const SIZES = { desktop: { width: 1280, height: 900 }, phone: { width: 390, height: 844 } };

async function open(page: Page): Promise<void> {
  await page.goto('./guide.html');
  await expect(page.getByRole('heading', { name: 'Known instances' })).toBeVisible();
}

for (const [size, viewport] of Object.entries(SIZES)) {
  for (const colorScheme of ['light', 'dark'] as const) {
    test(`axe finds nothing serious in the guide: ${size}, ${colorScheme}`, async ({ page }) => {
      await page.setViewportSize(viewport);
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await open(page);
      const { violations } = await new AxeBuilder({ page }).analyze();
      const serious = violations.filter(({ impact }) =>
        ['serious', 'critical'].includes(impact ?? ''),
      );
      expect(serious.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
      const { scrollWidth, clientWidth } = await page.evaluate(() => document.documentElement);
      expect(scrollWidth).toBe(clientWidth);
    });
  }
}

test('the guide is a page by itself: no model, no worker', async ({ page }) => {
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  await open(page);
  await page.waitForLoadState('networkidle');
  expect(asked.filter((url) => /worker|\.wasm|models\//.test(url))).toEqual([]);
  await expect(page.getByRole('link', { name: 'Field guide' })).toHaveAttribute(
    'aria-current',
    'page',
  );
});

test('every thread has its link, which says that it leads away', async ({ page }) => {
  await open(page);
  for (const instance of INSTANCES) {
    const link = page.locator(`a[href="${threadUrl(instance)}"]`);
    await expect(link).toHaveAttribute('rel', /noreferrer/);
    await expect(link).toContainText(`${instance.project} #${instance.number}`);
    await expect(link).toContainText('on GitHub');
  }
});

test('threads are filtered with the keyboard alone', async ({ page }) => {
  await open(page);
  const filter = page.getByRole('searchbox', { name: 'Filter' });
  const rows = page.locator('[data-thread]');
  await filter.focus();
  await page.keyboard.type('torchtitan');
  await expect(rows).toHaveCount(2);
  await expect(page.getByText(`2 of ${INSTANCES.length} threads`)).toBeVisible();
  await page.keyboard.press('Tab');
  await page.keyboard.press('ArrowRight');
  await expect(page.getByRole('radio', { name: 'Issues' })).toBeChecked();
  await expect(rows).toHaveCount(1);
  await expect(rows).toContainText('#4783');
  await filter.fill('nobody says this');
  await expect(rows).toHaveCount(0);
  await page.getByRole('button', { name: 'Show all threads' }).press('Enter');
  await expect(rows).toHaveCount(INSTANCES.length);
});

test('what was not read says so, and claims nothing', async ({ page }) => {
  await open(page);
  const row = page.locator('[data-thread="huggingface/transformers#43021"]');
  await expect(row).toContainText('not read: listed by the case file');
  await expect(row.locator('time')).toHaveCount(0);
});

test('code is copied as it is shown', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await open(page);
  const title = 'An own _init_weights that refills it';
  await page.getByRole('button', { name: `Copy: ${title}` }).press('Enter');
  await expect(page.getByText('Copied.')).toBeVisible();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied.trim()).toBe(await page.getByRole('region', { name: title }).innerText());
  expect(copied).toContain('module.inv_freq.copy_(inverse_frequencies(module.config))');
});

test('where nothing may be copied, the code is selected', async ({ page }) => {
  await page.addInitScript(() => {
    Object.defineProperty(navigator, 'clipboard', { value: undefined });
  });
  await open(page);
  const title = 'No buffer: compute it in forward';
  await page.getByRole('button', { name: `Copy: ${title}` }).click();
  const selected = await page.evaluate(() => window.getSelection()?.toString());
  expect(selected).toContain('class RotaryEmbedding');
});

test('on a phone each thread is a card that names its fields', async ({ page }) => {
  await page.setViewportSize(SIZES.phone);
  await open(page);
  const row = page.locator('[data-thread="unslothai/unsloth#4112"]');
  const cell = row.getByRole('cell').first();
  expect(await cell.evaluate((cell) => getComputedStyle(cell, '::before').content)).toBe(
    '"Symptom"',
  );
  const [cellBox, rowBox] = [await cell.boundingBox(), await row.boundingBox()];
  expect(cellBox?.width).toBeGreaterThan((rowBox?.width ?? 0) * 0.85);
});

test('see it happen: the playground opens with the lanes of the guide', async ({
  page,
  playground,
}) => {
  await open(page);
  const link = page.getByRole('link', { name: 'See it happen in the playground' });
  const repro = parseLink((await link.getAttribute('href')) ?? '');
  expect(repro.expectation).toBeNull();
  await link.click();
  await playground.ended();
  const [healthy, zerosGuarded, leftoversGuarded, refilled] = await Promise.all(
    repro.lanes.map((_, lane) => playground.ids(lane)),
  );
  expect(zerosGuarded).toEqual(healthy);
  expect(refilled).toEqual(healthy);
  expect(leftoversGuarded).not.toEqual(healthy);
});
