import AxeBuilder from '@axe-core/playwright';
import type { Locator, Page } from '@playwright/test';
import { partingPrompt } from './golden';
import { expect, type PlaygroundPage, test } from './playground';

/** The panel with all lanes, in the words of a visitor. */
class LanesPanel {
  readonly summary: Locator;
  readonly add: Locator;
  readonly undo: Locator;
  /** Of the damaged lanes, from the second on. */
  readonly cards: Locator;

  constructor(readonly page: Page) {
    this.summary = page.locator('summary', { hasText: 'Lanes and faults' });
    this.add = page.getByRole('button', { name: 'Add lane' });
    this.undo = page.getByRole('button', { name: 'Undo' });
    this.cards = page.locator('[data-card]');
  }

  card(lane: number): Locator {
    return this.page.getByRole('group', { name: new RegExp(`^Lane ${lane}:`) });
  }

  preset(name: string): Locator {
    return this.page.getByRole('button', { name, exact: true });
  }

  async choose(lane: number, fault: string, guard: string): Promise<void> {
    await this.card(lane).getByLabel('Fault').selectOption({ label: fault });
    await this.card(lane).getByLabel('Guard').selectOption({ label: guard });
  }

  faults(): Promise<string[]> {
    return this.cards
      .getByLabel('Fault')
      .evaluateAll((selects) => selects.map((select) => (select as HTMLSelectElement).value));
  }
}

/** A finished run of a prompt whose lanes part, with the panel open. */
async function shown(playground: PlaygroundPage, length = 16): Promise<LanesPanel> {
  await playground.openReady();
  await playground.ask(partingPrompt().prompt, length);
  await playground.runToEnd();
  const panel = new LanesPanel(playground.page);
  await panel.summary.click();
  return panel;
}

test('a lane is added, uninitialised behind patch 5: the guard stays silent and the lane parts', async ({
  playground,
}) => {
  const panel = await shown(playground);
  await panel.add.click();
  await expect(playground.verdict).toContainText('Both lanes part');
  await panel.choose(3, 'inv_freq lost: whatever memory held', 'Recompute if all zero (patch 5)');
  const name = 'inv_freq lost: whatever memory held, patch 5';
  await expect(playground.verdict).toContainText(new RegExp(`${name}: parts at token \\d+`));
  await expect(playground.verdict).toContainText('patch 5 stayed silent');
  await expect(playground.lane(name)).toContainText('Guard stayed silent');
  await expect(playground.lane(name)).toContainText('tables differ');
  await expect(panel.card(3)).toContainText(/parts at token \d+.*patch 5 stayed silent/);
  await panel.card(3).getByRole('button', { name: 'What happens here' }).click();
  await expect(panel.card(3)).toContainText('torch.empty_like allocates the buffer');
});

test('the preset of patch 5 shows that it mends exact zeros and misses the rest', async ({
  playground,
}) => {
  const panel = await shown(playground);
  await panel.preset('Does patch 5 help?').click();
  await expect(playground.verdict).toContainText(
    'Patch 5 mends exact zeros and misses the rest: it asks whether every entry',
  );
  await expect(playground.verdict).toContainText('2 of 4 lanes part from the healthy one.');
  await expect(playground.lane('inv_freq lost: all zeros, patch 5')).toContainText('✓ Guard fired');
  for (const fault of ['whatever memory held', 'all below 1e-6']) {
    const lane = playground.lane(`inv_freq lost: ${fault}, patch 5`);
    await expect(lane).toContainText('Guard stayed silent');
    await expect(lane).toContainText('tables differ');
  }
  const refilled = playground.lane('inv_freq lost: whatever memory held, always recomputed');
  await expect(refilled).toContainText('✓ Guard fired');
  await expect(refilled).toContainText('tables identical');
  expect(await playground.ids(4)).toEqual(await playground.ids(0));
  expect(await playground.ids(2)).not.toEqual(await playground.ids(0));
});

test('a lane that was removed comes back in its place', async ({ playground }) => {
  const panel = await shown(playground);
  await panel.preset('Rounding').click();
  await panel.card(3).getByLabel('Name').fill('The middle one');
  await expect(playground.lane('The middle one')).toBeVisible();
  await panel.card(3).getByRole('button', { name: 'Remove' }).click();
  await expect(panel.undo).toBeFocused();
  expect(await panel.faults()).toEqual(['bf16', 'bf16-tables']);
  await expect(playground.lane('The middle one')).toHaveCount(0);
  await panel.undo.click();
  expect(await panel.faults()).toEqual(['bf16', 'bf16-angles', 'bf16-tables']);
  await expect(playground.lane('The middle one')).toBeVisible();
  await expect(panel.undo).toHaveCount(0);
});

test('lanes are reordered and pinned with the keyboard, which keeps its place', async ({
  playground,
  page,
}) => {
  const panel = await shown(playground, 8);
  await panel.preset('Rounding').click();
  const down = panel.card(2).getByRole('button', { name: 'Move down' });
  await down.focus();
  await page.keyboard.press('Enter');
  expect(await panel.faults()).toEqual(['bf16-angles', 'bf16', 'bf16-tables']);
  await expect(panel.card(3).getByRole('button', { name: 'Move down' })).toBeFocused();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Enter');
  expect(await panel.faults()).toEqual(['bf16-angles', 'bf16-tables', 'bf16']);
  await panel.card(4).getByRole('button', { name: 'Pin' }).press('Space');
  expect(await panel.faults()).toEqual(['bf16', 'bf16-angles', 'bf16-tables']);
  await panel.preset('Not a number').click();
  expect(await panel.faults()).toEqual(['bf16', 'nan', 'huge']);
  await playground.ended();
  await expect(playground.verdict).toContainText('inv_freq rounded to bfloat16');
});

test('a parameter is dragged and its last value is what runs', async ({ playground }) => {
  const panel = await shown(playground);
  await panel.card(2).getByLabel('Fault').selectOption('scaled');
  const dose = panel.card(2).getByRole('slider', { name: /Dose/ });
  for (const alpha of ['0.4', '0.2', '0', '1']) await dose.fill(alpha);
  await expect(playground.lane('A dose: inv_freq · α, α 1')).toContainText('tables identical');
  await expect(playground.verdict).toContainText('The lanes agree');
  await expect(playground.fault).toBeChecked();
});

test('in a teacher-forced run every lane reads the healthy text', async ({ playground, page }) => {
  const panel = await shown(playground);
  const healthy = await playground.ids(0);
  await panel.add.click();
  await page.getByRole('radio', { name: 'Teacher-forced' }).check({ force: true });
  await expect(playground.provenance).toContainText('teacher-forced');
  await playground.ended();
  await expect(page.getByText('every lane has read the prompt and the healthy row')).toBeVisible();
  await expect(playground.verdict).toContainText(/chooses otherwise at \d+ of \d+ steps/);
  expect(await playground.ids(0)).toEqual(healthy);
  // Tinted at each step by itself: where the choice is another one, and nowhere else.
  const choices = await playground.ids(1);
  const tinted = await playground
    .tokens(1)
    .evaluateAll((tokens) => tokens.map((token) => 'apart' in (token as HTMLElement).dataset));
  expect(tinted).toEqual(choices.map((id, step) => id !== healthy[step]));
});

test('a lane whose logits are not numbers says NaN and leaves the others alone', async ({
  playground,
  page,
}) => {
  const panel = await shown(playground);
  const healthy = await playground.ids(0);
  const lost = await playground.ids(1);
  await panel.add.click();
  await panel.card(3).getByLabel('Fault').selectOption('nan');
  await expect(playground.verdict).toContainText(/all NaN: .*its logits are not numbers/);
  await expect(page.locator('[data-nan][data-lane="2"]')).toHaveText('NaN');
  await expect(playground.lane('inv_freq lost: all NaN')).toContainText('not numbers (NaN)');
  expect(await playground.ids(0)).toEqual(healthy);
  expect(await playground.ids(1)).toEqual(lost);
});

test('lanes, names, parameters and the mode outlive a reload', async ({ playground, page }) => {
  const panel = await shown(playground, 8);
  await panel.preset('Parts of the frequencies').click();
  await panel.card(3).getByLabel('Name').fill('Slow');
  await panel.card(3).getByLabel('Slowest pairs lost').fill('12');
  await page.getByRole('radio', { name: 'Teacher-forced' }).check({ force: true });
  await page.reload();
  await expect(playground.ready).toBeVisible();
  await expect(panel.card(3).getByLabel('Name')).toHaveValue('Slow');
  await expect(panel.card(3).getByLabel('Slowest pairs lost')).toHaveValue('12');
  await expect(page.getByRole('radio', { name: 'Teacher-forced' })).toBeChecked();
  await playground.runToEnd();
  await expect(playground.lane('Slow')).toBeVisible();
});

test('a pinned step is shown while lanes change, until Run is pressed', async ({ playground }) => {
  const panel = await shown(playground);
  const reading = playground.page.getByTestId('reading').getByRole('heading');
  await playground.page.locator('[data-token="0.6"]').click();
  await panel.add.click();
  await expect(playground.verdict).toContainText('Both lanes part');
  await expect(reading).toContainText('Token 7 ');
  await playground.runToEnd();
  await expect(reading).not.toContainText('Token 7 ');
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`axe finds nothing serious with eight lanes on a phone: ${colorScheme}`, async ({
    playground,
    page,
  }) => {
    await page.setViewportSize({ width: 390, height: 844 });
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    const panel = await shown(playground, 24);
    await panel.preset('Does patch 5 help?').click();
    for (let lane = 6; lane <= 8; lane++) await panel.add.click();
    await panel.card(7).getByLabel('Fault').selectOption('nan');
    await expect(panel.add).toHaveAttribute('aria-disabled', 'true');
    await expect(page.getByText('Eight lanes are one batch')).toBeVisible();
    await panel.card(2).getByRole('button', { name: 'What happens here' }).click();
    await expect(playground.verdict).toContainText(/of 7 lanes part/);
    const { violations } = await new AxeBuilder({ page }).analyze();
    const serious = violations.filter(({ impact }) =>
      ['serious', 'critical'].includes(impact ?? ''),
    );
    expect(serious.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
    const { scrollWidth, clientWidth } = await page.evaluate(() => document.documentElement);
    expect(scrollWidth).toBe(clientWidth);
  });
}
