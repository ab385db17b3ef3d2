import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium, type Page } from '@playwright/test';
import { build, preview } from 'vite';
import { findChromium } from '../e2e/chromium';

/** Takes the pictures of the README again, from the page as it is built now: `npm run screenshots`. */

const HERE = fileURLToPath(new URL('.', import.meta.url));
const SITE = 'node_modules/.cache/screenshots-site';
const SIZES = [
  ['desktop', { width: 1280, height: 900 }],
  ['phone', { width: 390, height: 844 }],
] as const;
const VIEWS = [
  ['frequencies', 'Frequencies'],
  ['dials', 'Dials'],
  ['tables', 'Tables'],
  ['queries-and-keys', 'Q and K'],
  ['attention', 'Attention'],
  ['logits', 'Logits'],
  ['dose', 'Dose'],
] as const;

async function openWithRun(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await page.locator('[data-model=ready]').waitFor();
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await page.locator('[data-run=done]').waitFor();
}

async function photographViews(page: Page, size: string): Promise<void> {
  const views = page.getByRole('region', { name: 'See the collapse' });
  for (const [file, name] of VIEWS) {
    await page.getByRole('tab', { name, exact: true }).click();
    if (file === 'dose') await views.getByRole('button', { name: 'Sweep α' }).click();
    await views.locator('figure').first().waitFor();
    // Charts are drawn once their library has arrived.
    await page.waitForLoadState('networkidle');
    await page.waitForTimeout(300);
    await views.screenshot({ path: `${HERE}views/${file}-${size}.png` });
  }
}

await build({ logLevel: 'error', build: { outDir: SITE, emptyOutDir: true } });
const server = await preview({ build: { outDir: SITE }, preview: { port: 4199 } });
const url = server.resolvedUrls?.local[0];
if (url === undefined) throw new Error('The page is not served.');
const executablePath = findChromium();
const browser = await chromium.launch({
  args: ['--no-sandbox'],
  ...(executablePath === undefined ? {} : { executablePath }),
});
mkdirSync(`${HERE}views`, { recursive: true });
for (const [size, viewport] of SIZES) {
  const page = await browser.newPage({ viewport, reducedMotion: 'reduce' });
  await openWithRun(page, url);
  if (size === 'desktop') {
    // The whole comparison, from the top of the page.
    const clip = { x: 0, y: 0, width: viewport.width, height: 1250 };
    await page.screenshot({ path: `${HERE}playground.png`, fullPage: true, clip });
  }
  await photographViews(page, size);
  await page.close();
}
await browser.close();
await server.close();
