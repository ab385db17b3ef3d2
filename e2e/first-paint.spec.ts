import { readFileSync } from 'node:fs';
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { parseRecording } from '../src/repro/recording';
import { expect, test } from './playground';

const file = new URL('../src/features/compare/first-run.json', import.meta.url);
const { bundle } = parseRecording(readFileSync(file, 'utf8'));

const SIZES = { desktop: { width: 1280, height: 900 }, phone: { width: 390, height: 844 } };

/** Keeps these files from arriving until the function that it gives is called. */
async function hold(page: Page, files: string): Promise<() => void> {
  let letGo: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (letGo = resolve));
  await page.route(files, async (route) => {
    await held;
    await route.continue();
  });
  return letGo;
}

/** Sums up how far things move by themselves from now on. */
async function watchShifts(page: Page): Promise<() => Promise<number>> {
  await page.evaluate(() => {
    Object.assign(window, { shifted: 0 });
    new PerformanceObserver((list) => {
      const state = window as unknown as { shifted: number };
      for (const entry of list.getEntries()) {
        state.shifted += (entry as unknown as { value: number }).value;
      }
    }).observe({ type: 'layout-shift' });
  });
  return () => page.evaluate(() => (window as unknown as { shifted: number }).shifted);
}

const WEIGHTS = '**/model.safetensors';

for (const [size, viewport] of Object.entries(SIZES)) {
  test(`a recorded run stands there before any script does, and the living page moves nothing: ${size}`, async ({
    page,
  }) => {
    const refused: string[] = [];
    page.on('console', (message) => {
      if (message.text().includes('Content Security Policy')) refused.push(message.text());
    });
    await page.setViewportSize(viewport);
    await hold(page, WEIGHTS);
    const letGo = await hold(page, '**/assets/index-*.js');
    await page.goto('./', { waitUntil: 'commit' });
    await expect(page.locator('[data-prerendered] [data-token^="1."]').last()).toBeVisible();
    await expect(page.getByTestId('recorded')).toContainText('not run on this machine');
    const places = () =>
      page.evaluate(() =>
        ['h1', '[data-testid=recorded]', '[data-token="1.6"]', '[data-lane="1"]', 'footer'].map(
          (selector) => {
            const box = document.querySelector(selector)?.getBoundingClientRect();
            return [selector, box?.x, box?.y, box?.width, box?.height];
          },
        ),
      );
    const before = await places();
    const shifted = await watchShifts(page);
    letGo();
    await expect(page.locator('[data-prerendered]')).toHaveCount(0);
    await expect(page.getByTestId('recorded')).toBeVisible();
    expect(await places()).toEqual(before);
    expect(await shifted()).toBe(0);
    expect(refused).toEqual([]);
  });

  test(`before the model has come, a recorded run is shown, labelled; the visitor's own replaces it: ${size}`, async ({
    playground,
    page,
  }) => {
    await page.setViewportSize(viewport);
    await page.emulateMedia({ reducedMotion: 'reduce' });
    const letGo = await hold(page, WEIGHTS);
    await playground.open();
    const label = page.getByTestId('recorded');
    await expect(label).toContainText(/^Recorded on \d{1,2} \w+ \d{4} with version \d/);
    await expect(label).toContainText('WASM: not run on this machine');
    await expect(label).toContainText('npm run record');
    for (const [lane, { ids }] of bundle.lanes.entries()) {
      expect(await playground.ids(lane)).toEqual(ids);
    }
    await expect(page.getByTestId('reading')).toBeVisible();
    const { violations } = await new AxeBuilder({ page }).analyze();
    const serious = violations.filter(({ impact }) =>
      ['serious', 'critical'].includes(impact ?? ''),
    );
    expect(serious.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
    const { scrollWidth, clientWidth } = await page.evaluate(() => document.documentElement);
    expect(scrollWidth).toBe(clientWidth);

    await playground.run.click();
    await expect(playground.verdict).toContainText('Waiting for the model');
    await expect(label).toBeVisible();
    // On a slow machine, where what comes at different times is seen at different times.
    const machine = await page.context().newCDPSession(page);
    await machine.send('Emulation.setCPUThrottlingRate', { rate: 8 });
    const shifted = await watchShifts(page);
    letGo();
    await playground.ended();
    await machine.detach();
    await expect(label).toHaveCount(0);
    await expect(page.locator('[data-recorded]')).toHaveCount(0);
    await expect(playground.provenance).toContainText(/\d tokens\/s/);
    expect(await playground.ids(0)).toEqual(bundle.lanes[0]?.ids);
    expect(await shifted()).toBeLessThan(0.02);
  });
}

test('the link of the recorded run makes it here, with the same ids', async ({
  playground,
  page,
}) => {
  await playground.openReady();
  await page.getByTestId('recorded').getByRole('link').click();
  await playground.ended();
  await expect(page.getByRole('heading', { name: /Reproduced$/ })).toBeVisible();
  for (const [lane, { ids }] of bundle.lanes.entries()) {
    expect(await playground.ids(lane)).toEqual(ids);
  }
});

test('who comes back to other settings, or by a link, is not shown a first visit meanwhile', async ({
  playground,
  page,
}) => {
  await playground.open();
  await playground.prompt.fill('Count: three, four,');
  const letGo = await hold(page, '**/assets/index-*.js');
  await page.reload({ waitUntil: 'commit' });
  await expect(page.locator('[data-prerendered]')).toBeAttached();
  await expect(page.locator('[data-prerendered]')).toBeHidden();
  letGo();
  await expect(playground.prompt).toHaveValue('Count: three, four,');
  await page.evaluate(() => localStorage.clear());
  await hold(page, WEIGHTS);
  await page.goto('about:blank');
  await page.goto('./#1.damaged', { waitUntil: 'domcontentloaded' });
  expect(await page.evaluate(() => document.documentElement.dataset.otherVisit)).toBe('');
});
