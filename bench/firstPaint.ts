import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from '@playwright/test';
import { build, preview } from 'vite';
import { findChromium } from '../e2e/chromium';
import { median } from './median';

/** Of the network, as Chromium emulates it: latency in milliseconds per request, rates in bytes per second. */
interface Line {
  readonly name: string;
  readonly latency: number;
  readonly downloadThroughput: number;
  readonly uploadThroughput: number;
}

/** Milliseconds since navigation began. */
interface Times {
  /** The last lane of the recorded run is painted. */
  readonly recorded: number;
  /** The page’s scripts have put the living page in its place. */
  readonly alive: number;
}

const kilobits = (rate: number) => (rate * 1000) / 8;

const LINES: readonly Line[] = [
  line('1.6 Mbit/s, 150 ms (Lighthouse: Slow 4G)', 150, 1600, 750),
  line('1.44 Mbit/s, 562.5 ms (DevTools: Slow 4G, once Fast 3G)', 562.5, 1440, 675),
  line('400 kbit/s, 400 ms (WebPageTest: Slow 3G)', 400, 400, 400),
];
const ROUNDS = 5;

const site = mkdtempSync(join(tmpdir(), 'first-paint-'));
await build({ logLevel: 'error', build: { outDir: site, emptyOutDir: true } });
const server = await preview({ build: { outDir: site }, preview: { port: 4390 } });
const [url] = server.resolvedUrls?.local ?? [];
if (url === undefined) throw new Error('The page is not served.');
const executablePath = findChromium();
const browser = await chromium.launch({
  args: ['--no-sandbox', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  ...(executablePath === undefined ? {} : { executablePath }),
});
try {
  for (const conditions of LINES) {
    const rounds: Times[] = [];
    for (let round = 0; round < ROUNDS; round++) rounds.push(await visit(browser, url, conditions));
    process.stdout.write(
      `${conditions.name}\n` +
        `  recorded run painted  ${summary(rounds.map(({ recorded }) => recorded))}\n` +
        `  page alive            ${summary(rounds.map(({ alive }) => alive))}\n`,
    );
  }
} finally {
  await browser.close();
  await server.close();
  rmSync(site, { recursive: true });
}

/** A first visit, with nothing in the cache. */
async function visit(browser: Browser, url: string, conditions: Line): Promise<Times> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  const network = await context.newCDPSession(page);
  await network.send('Network.enable');
  await network.send('Network.emulateNetworkConditions', { ...conditions, offline: false });
  await page.goto(url, { waitUntil: 'commit' });
  const recorded = await paintedAt(page, '[data-recorded] [data-token^="1."]');
  const alive = await paintedAt(page, '#root > :not([data-prerendered]) [data-token]');
  await context.close();
  return { recorded, alive };
}

/** When this was there to be seen, at the latest: a frame after it stood in the document, and what asking took. */
async function paintedAt(page: Page, selector: string): Promise<number> {
  await page.waitForFunction((sought) => document.querySelector(sought) !== null, selector);
  return page.evaluate(
    () =>
      new Promise<number>((resolve) =>
        requestAnimationFrame(() => requestAnimationFrame(() => resolve(performance.now()))),
      ),
  );
}

function summary(milliseconds: readonly number[]): string {
  const [least, most] = [Math.min(...milliseconds), Math.max(...milliseconds)];
  return `${median(milliseconds).toFixed(0)} ms (${least.toFixed(0)}–${most.toFixed(0)})`;
}

function line(name: string, latency: number, down: number, up: number): Line {
  return { name, latency, downloadThroughput: kilobits(down), uploadThroughput: kilobits(up) };
}
