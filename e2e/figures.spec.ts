import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { partingPrompt } from './golden';
import { expect, type PlaygroundPage, test } from './playground';

/** What figures say and save beside what is drawn of the tensors. */

async function shown(playground: PlaygroundPage, view: string): Promise<void> {
  await playground.openReady();
  await playground.ask(partingPrompt().prompt, 24);
  await playground.runToEnd();
  await playground.page.getByRole('tab', { name: view, exact: true }).click();
  await expect(playground.page.getByRole('figure').first()).toBeVisible();
}

async function saved(page: Page, format: 'PNG' | 'SVG' | 'CSV') {
  const button = page.getByRole('button', { name: new RegExp(`^Save ${format} of`) }).first();
  const panel = page.getByRole('tabpanel').locator(button);
  const [download] = await Promise.all([page.waitForEvent('download'), panel.click()]);
  return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
}

/** How many pixels of a PNG have the colour that marks have in the light theme. */
function alarmPixels(page: Page, png: Buffer): Promise<number> {
  return page.evaluate(async (data) => {
    const image = new Image();
    image.src = `data:image/png;base64,${data}`;
    await image.decode();
    const canvas = Object.assign(document.createElement('canvas'), {
      width: image.width,
      height: image.height,
    });
    const context = canvas.getContext('2d');
    context?.drawImage(image, 0, 0);
    const bytes = context?.getImageData(0, 0, image.width, image.height).data ?? [];
    let count = 0;
    for (let at = 0; at < bytes.length; at += 4) {
      if (bytes[at] === 0xa3 && bytes[at + 1] === 0x16 && bytes[at + 2] === 0x1f) count++;
    }
    return count;
  }, png.toString('base64'));
}

test('saved logits have the pinned token and the place where texts part, with their names', async ({
  playground,
  page,
}) => {
  await shown(playground, 'Logits');
  await page.getByRole('slider', { name: /Pinned token/ }).fill('3');
  const panel = page.getByRole('tabpanel');
  await expect(panel.getByText('token 3', { exact: true })).toBeVisible();
  await expect(panel.getByText('texts part', { exact: true })).toBeVisible();

  const svg = await saved(page, 'SVG');
  const marks = await page.evaluate((markup) => {
    const { documentElement } = new DOMParser().parseFromString(markup, 'image/svg+xml');
    return Array.from(documentElement.querySelectorAll('[data-marks] > g'), (mark) => ({
      label: mark.querySelector('text')?.textContent,
      line: mark.querySelector('line')?.getAttribute('stroke'),
    }));
  }, svg.bytes.toString());
  expect(marks).toEqual([
    { label: 'texts part', line: 'rgb(163, 22, 31)' },
    { label: 'token 3', line: 'rgb(26, 28, 33)' },
  ]);
  expect(svg.bytes.toString()).not.toContain('var(--');
  const png = await saved(page, 'PNG');
  expect(await alarmPixels(page, png.bytes)).toBeGreaterThan(500);
});

test('a saved map of q has the mark where texts part, and none where every lane reads the same', async ({
  playground,
  page,
}) => {
  await shown(playground, 'Q and K');
  const free = await saved(page, 'PNG');
  expect(await alarmPixels(page, free.bytes)).toBeGreaterThan(500);
  await page.locator('summary', { hasText: 'Lanes and faults' }).click();
  await page.getByRole('radio', { name: 'Teacher-forced' }).check({ force: true });
  await playground.ended();
  await expect(page.getByTestId('readout').first()).toContainText('read the same text');
  const forced = await saved(page, 'PNG');
  expect(await alarmPixels(page, forced.bytes)).toBe(0);
});

test('the CSV of the dials has every position, and says so; the picture names its own', async ({
  playground,
  page,
}) => {
  await shown(playground, 'Dials');
  const slider = page.getByRole('slider', { name: /^Position/ });
  const last = Number(await slider.getAttribute('max'));
  await slider.fill('5');
  const csv = await saved(page, 'CSV');
  expect(csv.name).toContain(`dials-positions-0-to-${last}-`);
  const rows = csv.bytes.toString().trim().split('\r\n').slice(1);
  const positions = new Set(rows.map((row) => Number(row.split(',')[0])));
  expect([...positions]).toEqual(Array.from({ length: last + 1 }, (_, position) => position));
  expect((await saved(page, 'PNG')).name).toContain('dials-position-5-');
});

test('views in which interleaved pairs look healthy say so', async ({ playground, page }) => {
  await shown(playground, 'Frequencies');
  const panel = page.getByRole('tabpanel');
  await expect(panel).not.toContainText('nothing shows here');
  await page.locator('summary', { hasText: 'Lanes and faults' }).click();
  const card = page.getByRole('group', { name: /^Lane 2:/ });
  await card.getByLabel('Fault').selectOption({ label: 'Interleaved pairs' });
  await playground.ended();
  for (const view of ['Frequencies', 'Dials', 'Tables']) {
    await page.getByRole('tab', { name: view, exact: true }).click();
    await expect(panel).toContainText('Interleaved pairs: healthy frequencies, so nothing shows');
  }
});
