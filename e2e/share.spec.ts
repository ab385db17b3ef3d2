import { readFileSync } from 'node:fs';
import { parseBundle, reproOfBundle } from '../src/repro/bundle';
import { parseLink } from '../src/repro/link';
import { askAndRun } from './linked';
import { expect, test } from './playground';

test('the link of the run on screen is copied, whatever has been typed since', async ({
  playground,
  page,
  context,
}) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await playground.openReady();
  const link = await askAndRun(playground, 'Count: three, four,');
  await playground.prompt.fill('Typed since');
  const share = page.getByRole('region', { name: 'Pass it on' });
  await share.getByRole('button', { name: 'Copy link' }).click();
  await expect(share.getByText('Link copied')).toBeVisible();
  const copied = () => page.evaluate(() => navigator.clipboard.readText());
  expect(await copied()).toBe(link);

  await share.getByRole('button', { name: 'Copy as Markdown' }).click();
  await expect(share.getByText('Markdown copied')).toBeVisible();
  expect(await copied()).toContain(link);
  expect(await copied()).toContain('Count: three, four,');

  const download = page.waitForEvent('download');
  await share.getByRole('button', { name: 'Download JSON' }).click();
  const saved = await download;
  expect(saved.suggestedFilename()).toBe('run-nano-opensci-count-three-four.json');
  const bundle = parseBundle(readFileSync(await saved.path(), 'utf8'));
  const { expectation, ...settings } = parseLink(link);
  expect(reproOfBundle(bundle)).toMatchObject({
    prompt: settings.prompt,
    expectation: { lanes: expectation?.lanes },
  });
});

test('a browser that does not let the page copy or share gets a field to copy from', async ({
  playground,
  page,
}) => {
  await page.addInitScript(() => {
    const refuse = () => Promise.reject(new DOMException('Not allowed.', 'NotAllowedError'));
    Object.defineProperty(navigator, 'clipboard', { value: { writeText: refuse } });
    Object.defineProperty(navigator, 'share', { value: refuse });
  });
  await playground.openReady();
  const link = await askAndRun(playground, 'Count: three, four,');
  for (const button of ['Copy link', 'Share…']) {
    await page.getByRole('button', { name: button }).click();
    const field = page.getByRole('textbox', { name: 'Link: copy it from here' });
    await expect(field).toHaveValue(link);
    await expect(field).toBeFocused();
    const selected = await field.evaluate(
      (area: HTMLTextAreaElement) => area.selectionEnd - area.selectionStart,
    );
    expect(selected).toBe(link.length);
  }
});
