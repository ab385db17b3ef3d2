import AxeBuilder from '@axe-core/playwright';
import { readFileSync } from 'node:fs';
import type { Locator, Page } from '@playwright/test';
import { expect, test } from './playground';

const report = (name: string) =>
  readFileSync(new URL(`../training/reports/${name}.json`, import.meta.url), 'utf8');

/** The part of the learn page that takes a visitor's report. */
class ReportViewer {
  readonly section: Locator;
  readonly own: Locator;
  readonly ours: Locator;
  readonly error: Locator;

  constructor(readonly page: Page) {
    this.section = page.getByRole('region', { name: 'Your machine, your versions' });
    this.own = this.section.getByRole('region', { name: 'Your report' });
    this.ours = this.section.getByRole('region', { name: 'Measured by this project' });
    this.error = this.section.locator('[data-code]');
  }

  async open(): Promise<void> {
    await this.page.goto('./learn.html#lifecycle');
    await expect(this.ours.getByTestId('remedies')).toBeVisible();
  }

  async choose(text: string): Promise<void> {
    await this.section.locator('input[type=file]').setInputFiles({
      name: 'report.json',
      mimeType: 'application/json',
      buffer: Buffer.from(text),
    });
  }

  /** Drops a file as a file manager does, somewhere on the page. */
  async drop(text: string): Promise<void> {
    const files = await this.page.evaluateHandle((content) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([content], 'report.json', { type: 'application/json' }));
      return transfer;
    }, text);
    for (const type of ['dragover', 'drop']) {
      await this.page.dispatchEvent('h1', type, { dataTransfer: files });
    }
  }
}

test('a dropped report is shown beside ours, kept, and removed', async ({ page }) => {
  const viewer = new ReportViewer(page);
  await viewer.open();
  await viewer.drop(report('transformers-5.18.0-malloc-perturb-255'));
  const patch5 = viewer.own.locator('[data-remedy=patch5]');
  await expect(patch5).toContainText('exact zeros');
  await expect(patch5).toContainText('3 of 3');
  await expect(viewer.own).toContainText('MALLOC_PERTURB_=255');
  await expect(viewer.own).toContainText('on meta, reading it there raises');
  await expect(viewer.ours.locator('[data-remedy=patch5]')).toContainText(/\d of 5/);

  await viewer.ours.getByLabel('Report').selectOption('transformers-4.57.6');
  await expect(viewer.ours).toContainText('on cpu, readable there');
  await expect(viewer.ours.locator('[data-remedy=none]')).toContainText('right');

  await page.reload();
  await expect(patch5).toContainText('3 of 3');
  await viewer.section.getByRole('button', { name: 'Remove my report' }).press('Enter');
  await expect(viewer.own).toContainText('None yet');
  await page.reload();
  await expect(viewer.own).toContainText('None yet');
});

test('every load has its row: first four values, counts, ids and logits', async ({ page }) => {
  const viewer = new ReportViewer(page);
  await viewer.open();
  await viewer.choose(report('transformers-5.18.0'));
  await viewer.own.getByText('All 20 loads').press('Enter');
  const rows = viewer.own.getByTestId('loads').locator('tbody tr');
  await expect(rows).toHaveCount(20);
  await expect(rows.filter({ hasText: 'Refill in forward, 1' })).toContainText(
    '0 of 5 prompts part',
  );
  await expect(rows.filter({ hasText: 'No guard, 1' })).toContainText('0 right');
});

test('anything else is refused in words, and the report before it stays', async ({ page }) => {
  const viewer = new ReportViewer(page);
  await viewer.open();
  await viewer.choose(report('transformers-5.17.0'));
  await expect(viewer.own.getByTestId('remedies')).toBeVisible();
  const refused = [
    ['no JSON', 'report-invalid'],
    ['{"schema":"rope-collapse-report","version":7}', 'report-version'],
    [report('transformers-5.17.0').replace('"garbage"', '"<b>fine</b>"'), 'report-invalid'],
    [' '.repeat(200_001), 'report-too-large'],
  ] as const;
  for (const [text, code] of refused) {
    await viewer.choose(text);
    await expect(viewer.error).toHaveAttribute('data-code', code);
    await expect(viewer.own).toContainText('5.17.0');
  }
  await viewer.choose(report('transformers-5.17.0'));
  await expect(viewer.error).toHaveCount(0);
});

test('what was published stands apart, as not measured here', async ({ page }) => {
  const viewer = new ReportViewer(page);
  await viewer.open();
  const published = viewer.section.getByRole('region', { name: 'Published, not measured here' });
  await expect(published.getByRole('row', { name: /5\.2\.0, unpatched/ })).toContainText('12.3956');
});

for (const width of [390, 1280]) {
  test(`axe finds nothing serious in a report at ${width} pixels`, async ({ page }) => {
    await page.setViewportSize({ width, height: 844 });
    const viewer = new ReportViewer(page);
    await viewer.open();
    await viewer.choose(report('transformers-5.18.0'));
    await viewer.own.getByText('All 20 loads').click();
    const { violations } = await new AxeBuilder({ page }).analyze();
    const serious = violations.filter(({ impact }) =>
      ['serious', 'critical'].includes(impact ?? ''),
    );
    expect(serious.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
    const { scrollWidth, clientWidth } = await page.evaluate(() => document.documentElement);
    expect(scrollWidth).toBe(clientWidth);
  });
}
