import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { partingPrompt } from './golden';
import { expect, test } from './playground';

async function saved(page: Page, format: 'PNG' | 'SVG') {
  const button = page.getByRole('button', { name: `Save ${format} of the comparison` });
  const [download] = await Promise.all([page.waitForEvent('download'), button.click()]);
  return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
}

test('the comparison is saved as a picture, PNG and SVG, with its link', async ({
  playground,
  page,
}) => {
  const { prompt, first_divergence } = partingPrompt();
  await playground.openReady();
  await playground.ask(prompt, 24);
  await playground.runToEnd();

  const svg = await saved(page, 'SVG');
  expect(svg.name).toMatch(/^comparison-nano-opensci-.+\.svg$/);
  const texts = await page.evaluate((markup) => {
    const { documentElement } = new DOMParser().parseFromString(markup, 'image/svg+xml');
    return {
      root: documentElement.nodeName,
      texts: Array.from(documentElement.querySelectorAll('text'), (text) => text.textContent),
      foreign: documentElement.querySelectorAll('foreignObject, script, image').length,
    };
  }, svg.bytes.toString());
  expect(texts.root).toBe('svg');
  expect(texts.foreign).toBe(0);
  expect(texts.texts).toContain(`parts here: token ${(first_divergence ?? -1) + 1}`);
  expect(texts.texts.some((text) => /^http:\/\/localhost:\d+\/#1\./.test(text))).toBe(true);

  const png = await saved(page, 'PNG');
  expect(png.name).toMatch(/\.png$/);
  expect(png.bytes.subarray(1, 4).toString()).toBe('PNG');
  expect(png.bytes.readUInt32BE(16)).toBe(2400);
  expect(png.bytes.byteLength).toBeGreaterThan(30_000);
});

test('a prompt with markup, a turn of direction and half a character is saved as text', async ({
  playground,
  page,
}) => {
  await playground.openReady();
  await playground.ask('<script>alert("1")</script>\u202e &amp;\n🙂', 8);
  await playground.runToEnd();
  const { bytes } = await saved(page, 'SVG');
  const shown = await page.evaluate((markup) => {
    const parsed = new DOMParser().parseFromString(markup, 'image/svg+xml');
    return { root: parsed.documentElement.nodeName, scripts: parsed.scripts.length };
  }, bytes.toString());
  expect(shown).toEqual({ root: 'svg', scripts: 0 });
  expect(bytes.toString()).not.toContain('\u202e');
  const png = await saved(page, 'PNG');
  expect(png.bytes.byteLength).toBeGreaterThan(20_000);
});
