import AxeBuilder from '@axe-core/playwright';
import { expect, test } from './playground';

const SIZES = { desktop: { width: 1280, height: 900 }, phone: { width: 390, height: 844 } };

for (const [size, viewport] of Object.entries(SIZES)) {
  for (const colorScheme of ['light', 'dark'] as const) {
    test(`axe finds nothing serious: ${size}, ${colorScheme}`, async ({ playground, page }) => {
      await page.setViewportSize(viewport);
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await playground.openReady();
      await playground.ask('Reverse: red dog cup fox ->', 24);
      await playground.runToEnd();
      await playground.prompt.fill('');
      await playground.run.click();
      await expect(playground.page.getByText('The prompt is empty.')).toBeVisible();
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

test('axe finds nothing serious in a page with an error', async ({ playground, page }) => {
  await page.route('**/config.json', (route) => route.fulfill({ status: 404, body: '' }));
  await playground.open();
  await expect(playground.problem).toHaveAttribute('data-code', 'config-missing');
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.filter(({ impact }) => ['serious', 'critical'].includes(impact ?? ''))).toEqual(
    [],
  );
});

for (const [size, viewport] of Object.entries(SIZES)) {
  test(`axe finds nothing serious where a model is brought: ${size}`, async ({
    playground,
    page,
  }) => {
    await page.setViewportSize(viewport);
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await playground.openReady();
    await page.getByRole('button', { name: 'Bring your own model' }).click();
    await page.getByText('Another hub').click();
    await page.getByRole('textbox', { name: 'Repository' }).fill('no repository');
    await page.getByRole('button', { name: 'Look up' }).click();
    await expect(page.getByText('Name a repository as owner/name')).toBeVisible();
    const { violations } = await new AxeBuilder({ page }).analyze();
    const serious = violations.filter(({ impact }) =>
      ['serious', 'critical'].includes(impact ?? ''),
    );
    expect(serious.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
    const { scrollWidth, clientWidth } = await page.evaluate(() => document.documentElement);
    expect(scrollWidth).toBe(clientWidth);
  });
}

test('everything can be done with the keyboard', async ({ playground, page }) => {
  await playground.openReady();
  const tabTo = async (name: string, target: ReturnType<typeof page.locator>) => {
    for (let presses = 0; presses < 30; presses++) {
      if (await target.evaluate((element) => element === document.activeElement)) return;
      await page.keyboard.press('Tab');
    }
    throw new Error(`30 times Tab do not lead to ${name}`);
  };
  await tabTo('the prompt', playground.prompt);
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.type('Reverse: red dog cup fox ->');
  await page.keyboard.press('Control+Enter');
  await playground.ended();

  const token = (place: string) => page.locator(`[data-token="${place}"]`);
  const reading = page.getByTestId('reading').getByRole('heading');
  await tabTo('the tokens', token('0.0'));
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await expect(token('0.2')).toBeFocused();
  await expect(reading).toContainText('Token 3 ');
  const { outlineStyle } = await token('0.2').evaluate((element) => getComputedStyle(element));
  expect(outlineStyle).not.toBe('none');
  await page.keyboard.press('ArrowDown');
  await expect(token('1.2')).toBeFocused();
  await page.keyboard.press('Home');
  await expect(token('1.0')).toBeFocused();
  await page.keyboard.press('End');
  await expect(playground.tokens(1).last()).toBeFocused();
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Tab');
  await expect(playground.tokens(1).last()).toBeFocused();

  await page.reload();
  await expect(playground.ready).toBeVisible();
  await tabTo('the fault', playground.fault);
  await page.keyboard.press('Space');
  await expect(playground.fault).not.toBeChecked();
});

test('the chosen colours are kept', async ({ playground, page }) => {
  await page.emulateMedia({ colorScheme: 'light' });
  await playground.open();
  const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await paper();
  await page.getByRole('radio', { name: 'Dark' }).check({ force: true });
  const dark = await paper();
  expect(dark).not.toBe(light);
  await page.reload();
  await expect(page.getByRole('radio', { name: 'Dark' })).toBeChecked();
  expect(await paper()).toBe(dark);
});

test('tokens that arrive move nothing that stands there already', async ({ playground, page }) => {
  await playground.openReady();
  await playground.ask('Once upon a time, there was a', 64);
  await playground.runToEnd();
  const shift = page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        let total = 0;
        const observer = new PerformanceObserver((list) => {
          for (const entry of list.getEntries())
            total += (entry as unknown as { value: number }).value;
        });
        observer.observe({ type: 'layout-shift' });
        const done = new MutationObserver(() => {
          if (document.querySelector('[data-run=done]') === null) return;
          done.disconnect();
          requestAnimationFrame(() => requestAnimationFrame(() => resolve(total)));
        });
        done.observe(document.body, { subtree: true, attributes: true });
      }),
  );
  await playground.fault.uncheck();
  expect(await shift).toBeLessThan(0.1);
});
