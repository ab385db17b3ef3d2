import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, test } from './playground';

const VIEWS = [
  ['Frequencies', /frequenc/i],
  ['Dials', /dial|hand/i],
  ['Tables', /cos/i],
  ['Q and K', /quer|key/i],
  ['Attention', /attention/i],
  ['Logits', /logit|KL/i],
  ['Dose', /dose/i],
] as const;

const panel = (page: Page) => page.getByRole('tabpanel');
const tab = (page: Page, name: string) => page.getByRole('tab', { name, exact: true });

async function finding(page: Page): Promise<unknown[]> {
  const { violations } = await new AxeBuilder({ page }).include('[role=tabpanel]').analyze();
  return violations
    .filter(({ impact }) => ['serious', 'critical'].includes(impact ?? ''))
    .map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]);
}

for (const [size, colorScheme, viewport] of [
  ['desktop', 'light', { width: 1280, height: 900 }],
  ['phone', 'dark', { width: 390, height: 844 }],
] as const) {
  test(`every view is reached by arrow keys, has figures and nothing serious: ${size}, ${colorScheme}`, async ({
    playground,
    page,
  }) => {
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (message.text().includes('Content Security Policy')) complaints.push(message.text());
    });
    await page.setViewportSize(viewport);
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await playground.openReady();
    await playground.ask('Copy: red dog cup fox ->', 12);
    await playground.runToEnd();
    const ids = await playground.ids(1);
    await tab(page, 'Frequencies').focus();
    for (const [index, [name, content]] of VIEWS.entries()) {
      if (index > 0) await page.keyboard.press('ArrowRight');
      await expect(tab(page, name)).toBeFocused();
      await expect(tab(page, name)).toHaveAttribute('aria-selected', 'true');
      await expect(panel(page)).toContainText(content);
      if (name !== 'Dose') await expect(panel(page).getByRole('figure').first()).toBeVisible();
      expect(await finding(page), name).toEqual([]);
      const { scrollWidth, clientWidth } = await page.evaluate(() => document.documentElement);
      expect(scrollWidth, name).toBe(clientWidth);
    }
    await page.keyboard.press('Home');
    await expect(tab(page, 'Frequencies')).toBeFocused();
    // Going through the views ran nothing again.
    await expect(playground.comparison('done')).toBeVisible();
    expect(await playground.ids(1)).toEqual(ids);
    expect(complaints).toEqual([]);
  });
}

test('the reader finds that position 0 of Q and K is exactly zero', async ({
  playground,
  page,
}) => {
  await playground.openReady();
  await playground.ask('Copy: red dog cup fox ->', 8);
  await playground.runToEnd();
  await tab(page, 'Q and K').click();
  const map = panel(page).locator('[data-heatmap]').first();
  await map.focus();
  await page.keyboard.press('Home');
  await expect(panel(page).getByTestId('readout').first()).toContainText('exactly 0');
  await page.keyboard.press('ArrowRight');
  await expect(panel(page).getByTestId('readout').first()).not.toContainText('exactly 0');
});

test('numbers and drawing of a figure can be saved', async ({ playground, page }) => {
  await playground.openReady();
  await playground.ask('Copy: red dog cup fox ->', 8);
  await playground.runToEnd();
  for (const [format, ending] of [
    ['CSV', '.csv'],
    ['SVG', '.svg'],
    ['PNG', '.png'],
  ] as const) {
    const download = page.waitForEvent('download');
    await panel(page)
      .getByRole('button', { name: new RegExp(format) })
      .first()
      .click();
    expect((await download).suggestedFilename()).toMatch(new RegExp(`\\${ending}$`));
  }
});

test('a step that is pinned in the strips is the one that the logits show', async ({
  playground,
  page,
}) => {
  await playground.openReady();
  await playground.ask('Count: three, four,', 8);
  await playground.runToEnd();
  await tab(page, 'Logits').click();
  await page.locator('[data-token="0.4"]').click();
  await expect(panel(page)).toContainText(/(token|step) 5/i);
});

test('a sweep of doses ends in a curve, from none at α = 1 to an early parting at 0', async ({
  playground,
  page,
}) => {
  await playground.openReady();
  await playground.ask('Copy: red dog cup fox ->', 8);
  await playground.runToEnd();
  await tab(page, 'Dose').click();
  await panel(page).getByRole('button', { name: /sweep/i }).click();
  await expect(panel(page).getByRole('figure').first()).toBeVisible();
  await panel(page).getByText('Numbers').first().click();
  const rows = panel(page).getByRole('table').first().getByRole('row');
  await expect(rows).toHaveCount(9);
  await expect(panel(page).getByRole('table').first()).toContainText('none');
});
