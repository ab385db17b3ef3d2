import AxeBuilder from '@axe-core/playwright';
import type { Locator, Page } from '@playwright/test';
import { expect, test } from './playground';

const ADDRESS = './learn.html#lifecycle';
const STEPS = 7;

/** The view of loading, in the words of a visitor. */
class LifecycleView {
  readonly heading: Locator;
  readonly slider: Locator;
  readonly back: Locator;
  readonly forward: Locator;
  readonly memory: Locator;
  readonly guard: Locator;
  readonly initWeights: Locator;

  constructor(readonly page: Page) {
    this.heading = page.getByRole('heading', { name: 'The loading lifecycle' });
    this.slider = page.getByRole('slider', { name: 'Step' });
    this.back = page.getByRole('button', { name: 'Back', exact: true });
    this.forward = page.getByRole('button', { name: 'Forward', exact: true });
    this.memory = page.getByRole('combobox', { name: 'Fresh memory holds' });
    this.guard = page.getByRole('combobox', { name: 'Guard in forward' });
    this.initWeights = page.getByRole('combobox', { name: '_init_weights' });
  }

  /** Open, with the tensors of the loaded model. */
  async open(): Promise<void> {
    await this.page.goto(ADDRESS);
    await expect(this.slider).toBeVisible();
    await expect(this.heading).toBeVisible();
  }

  world(version: '4.57' | '5.x'): Locator {
    return this.page.getByRole('region', { name: `transformers ${version}` });
  }

  invFreq(version: '4.57' | '5.x'): Locator {
    return this.page.getByTestId(`inv-freq-${version}`);
  }

  /** The cell of a tensor: the first is 4.57, the second 5.x. */
  state(tensor: string, column: 0 | 1): Locator {
    return this.page.locator(`[data-tensor="${tensor}"] td`).nth(column);
  }

  async focusByTab(target: Locator): Promise<void> {
    for (let presses = 0; presses < 80; presses++) {
      if (await target.evaluate((element) => element === document.activeElement)) return;
      await this.page.keyboard.press('Tab');
    }
    throw new Error('80 times Tab do not lead there');
  }
}

const INV_FREQ = 'model.rotary_emb.inv_freq';

test('every step can be taken with the keyboard, and every tensor changes with it', async ({
  page,
}) => {
  const view = new LifecycleView(page);
  await view.open();
  await expect(view.state(INV_FREQ, 0)).toContainText('absent');
  await view.focusByTab(view.slider);
  const seen: string[] = [];
  for (let step = 1; step < STEPS; step++) {
    await page.keyboard.press('ArrowRight');
    await expect(view.slider).toHaveValue(String(step + 1));
    seen.push((await view.state(INV_FREQ, 1).innerText()).replace(/^\W+/, ''));
  }
  expect(seen).toEqual(['meta', 'meta', 'empty', 'empty', 'empty', 'empty']);
  await expect(view.state(INV_FREQ, 0)).toContainText('computed');
  await expect(view.state('lm_head.weight', 1)).toContainText('from checkpoint');
  await page.keyboard.press('Home');
  await expect(view.slider).toHaveValue('1');
  await page.keyboard.press('Shift+Tab');
  await expect(view.forward).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(view.slider).toHaveValue('2');

  const layer = page.locator('[data-group="Layer 3"] summary');
  await view.focusByTab(layer);
  await page.keyboard.press('Enter');
  const weight = page.locator('[data-tensor="model.layers.3.mlp.down_proj.weight"]');
  await expect(weight).toContainText('[192, 512]');
  await expect(weight).toContainText('meta');
  await view.back.click();
  await expect(weight).toContainText('absent');
});

test('playing goes to the end by itself; with reduced motion at once', async ({ page }) => {
  const view = new LifecycleView(page);
  await page.emulateMedia({ reducedMotion: 'no-preference' });
  await view.open();
  await view.slider.fill(String(STEPS - 1));
  await page.getByRole('button', { name: 'Play' }).click();
  await expect(view.slider).toHaveValue(String(STEPS));
  await expect(page.getByRole('button', { name: 'Play' })).toBeVisible();
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await view.slider.fill('1');
  await page.getByRole('button', { name: 'To the end' }).click();
  await expect(view.slider).toHaveValue(String(STEPS));
});

test('a probe in __init__ raises in 5.x and reads good values in 4.57', async ({ page }) => {
  const view = new LifecycleView(page);
  await view.open();
  const probe = (version: '4.57' | '5.x', step: string) =>
    view.world(version).getByRole('checkbox', { name: `Probe after ${step}` });
  const readings = (version: string) => page.getByTestId(`probes-${version}`);
  await view.focusByTab(probe('4.57', 'Construct'));
  await page.keyboard.press('Space');
  await probe('5.x', 'Construct').check();
  await probe('5.x', 'Load').check();
  await probe('5.x', 'Materialise').check();
  await expect(readings('5.x').getByText('not reached yet')).toHaveCount(3);
  await view.slider.fill('4');
  await expect(readings('4.57')).toContainText('Reads 1, 0.6494, 0.4217, 0.2738');
  await expect(readings('5.x').getByText(/Raises NotImplementedError: Cannot copy/)).toHaveCount(2);
  await expect(readings('5.x')).toContainText('computes them again on the CPU');
  await expect(readings('5.x')).toContainText('4. Materialise: Reads 0, ');
  await expect(readings('5.x')).not.toContainText('0.6494');
  await probe('5.x', 'Load').uncheck();
  await expect(readings('5.x').getByText(/Raises/)).toHaveCount(1);
});

test('patch 5 fires on exact zeros and stays silent on leftovers', async ({ page }) => {
  const view = new LifecycleView(page);
  await view.open();
  const outcome = view.world('5.x');
  await view.memory.selectOption({ label: 'exact zeros' });
  await expect(view.invFreq('5.x')).toHaveText('0, 0, 0, 0');
  await expect(outcome).toContainText('Broken: every entry is 0');
  await view.guard.selectOption({ label: 'Recompute if all zero (patch 5)' });
  await expect(view.invFreq('5.x')).toHaveText('1, 0.6494, 0.4217, 0.2738');
  await expect(outcome).toContainText('patch 5 fired');
  await view.memory.selectOption({ label: 'leftovers of earlier use' });
  await expect(view.invFreq('5.x')).not.toContainText('0.6494');
  await expect(outcome).toContainText('Patch 5 stayed silent');
  await expect(view.world('4.57')).toContainText('Healthy');
  await view.guard.selectOption({ label: 'Recompute once, in the first forward' });
  await expect(outcome).toContainText('Healthy: recomputed in the first forward');
});

test('the module mends itself: _init_weights, or a persistent buffer that the file holds', async ({
  page,
}) => {
  const view = new LifecycleView(page);
  await view.open();
  const outcome = view.world('5.x');
  await view.initWeights.selectOption({ label: 'inherited from the library' });
  await expect(outcome).toContainText('Broken');
  await page.getByRole('checkbox', { name: 'There is original_inv_freq' }).check();
  await expect(outcome).toContainText('Healthy: _init_weights computed inv_freq again.');
  await view.initWeights.selectOption({ label: 'own, weights only' });
  await expect(outcome).toContainText('Broken');
  await page.getByRole('checkbox', { name: 'inv_freq is persistent' }).check();
  await expect(outcome).toContainText('The loading report named inv_freq as missing.');
  await page.getByRole('checkbox', { name: 'The checkpoint holds inv_freq' }).check();
  await expect(outcome).toContainText('Healthy: inv_freq came from the checkpoint.');
  await page.getByText('All steps as a table').click();
  const table = page.getByRole('table', { name: 'transformers 5.x: state after each step' });
  const row = table.getByRole('row', { name: new RegExp(INV_FREQ.replaceAll('.', '\\.')) });
  await expect(row.getByRole('cell').nth(2)).toHaveText('from checkpoint');
});

test('the lanes run with what was simulated', async ({ playground, page }) => {
  const view = new LifecycleView(page);
  await view.open();
  await page.getByRole('textbox', { name: 'Seed of the leftovers' }).fill('12');
  await view.guard.selectOption({ label: 'Recompute if all zero (patch 5)' });
  await view.world('5.x').getByRole('button', { name: 'Run the lanes with this' }).click();
  await expect(playground.ready).toBeVisible();
  await playground.ended();
  const name = 'inv_freq lost: whatever memory held, seed 12, patch 5';
  await expect(playground.lane(name)).toContainText('Guard stayed silent');
  await expect(playground.lane(name)).toContainText('tables differ');
});

for (const [size, viewport] of Object.entries({
  desktop: { width: 1280, height: 900 },
  phone: { width: 390, height: 844 },
})) {
  for (const colorScheme of ['light', 'dark'] as const) {
    test(`axe finds nothing serious: ${size}, ${colorScheme}`, async ({ page }) => {
      const view = new LifecycleView(page);
      await page.setViewportSize(viewport);
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await view.open();
      await view.slider.fill('4');
      await view.world('5.x').getByRole('checkbox', { name: 'Probe after Construct' }).check();
      await page.getByRole('button', { name: 'Open all groups' }).click();
      await page.getByText('All steps as a table').click();
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

test('stepping moves nothing that stands below', async ({ page }) => {
  const view = new LifecycleView(page);
  await view.open();
  const tops = new Set<number>();
  for (let step = 1; step <= STEPS; step++) {
    await view.slider.fill(String(step));
    tops.add(
      await view.invFreq('5.x').evaluate((value) => value.getBoundingClientRect().top + scrollY),
    );
  }
  expect(tops.size).toBe(1);
});
