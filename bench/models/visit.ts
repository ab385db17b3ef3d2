import type { Browser, Page } from '@playwright/test';
import type { Packing } from '../../src/core/packing';
import { PACKING_NAMES } from '../../src/features/models/surveyText';
import { forgetPeak, rendererOf, residentMemory } from './memory';

/** Milliseconds, and bytes of the tab’s process above what it holds with the bundled model. */
export interface Visit {
  /** From the press on Download to ready. */
  readonly downloadMs: number;
  readonly downloadPeakBytes: number;
  readonly steadyBytes: number;
  /** From a reload to ready, out of storage. */
  readonly reloadMs: number;
  /** The page’s whole process, from the reload on, less the bundled model’s steady memory. */
  readonly reloadPeakBytes: number;
  /** What it asked of the hub after the reload. */
  readonly requestsAfterReload: number;
  /** From the press on Run to the first token of the first lane, of two. */
  readonly firstTokenMs: number;
  /** What the page says. */
  readonly stepsPerSecond: number;
  /** What the page says that the weights take. */
  readonly weights: string;
}

export interface Hub {
  readonly address: string;
  readonly requests: readonly string[];
}

/** A load takes minutes on a busy machine. */
const PATIENCE_MS = 180_000;
const PROMPT = 'Count: three, four';
const NEW_TOKENS = '16';

/** A first visit with nothing stored: looks a model up, loads it, comes back to it, and runs it in two lanes. */
export async function visit(
  browser: Browser,
  site: string,
  hub: Hub,
  id: string,
  packing: Packing,
): Promise<Visit> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  try {
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    await page.goto(site);
    await page.locator('[data-model=ready]').waitFor();
    const pid = await rendererOf(browser);
    await page.waitForTimeout(1000);
    const idle = residentMemory(pid).now;

    const panel = await lookUp(page, hub.address, id);
    const radio = panel.getByRole('radio', { name: PACKING_NAMES[packing] });
    const choice = panel.locator('label').filter({ hasText: PACKING_NAMES[packing] });
    const label = (await choice.textContent()) ?? '';
    await radio.check();
    forgetPeak(pid);
    const pressed = performance.now();
    await panel.getByRole('button', { name: /^(Download|Load)/ }).click();
    await ready(page, id);
    const downloadMs = performance.now() - pressed;
    const downloadPeakBytes = residentMemory(pid).peak - idle;
    await page.waitForTimeout(2000);
    const steadyBytes = residentMemory(pid).now - idle;

    const before = hub.requests.length;
    await page.goto('about:blank');
    await page.waitForTimeout(1000);
    const reloaded = performance.now();
    await page.goto(site);
    const again = await rendererOf(browser);
    forgetPeak(again);
    await ready(page, id);
    const reloadMs = performance.now() - reloaded;
    const reloadPeakBytes = residentMemory(again).peak - idle;
    const requestsAfterReload = hub.requests.length - before;

    const speeds: { first: number; steps: number }[] = [];
    for (let round = 0; round < 2; round++) speeds.push(await run(page));
    const last = speeds.at(-1);
    return {
      downloadMs,
      downloadPeakBytes,
      steadyBytes,
      reloadMs,
      reloadPeakBytes,
      requestsAfterReload,
      firstTokenMs: last?.first ?? Number.NaN,
      stepsPerSecond: last?.steps ?? Number.NaN,
      weights: /· ([\d.,]+\s\w+)/.exec(label)?.[1] ?? label,
    };
  } finally {
    await context.close();
  }
}

async function ready(page: Page, id: string): Promise<void> {
  await page.locator('[data-model=ready]').filter({ hasText: id }).waitFor();
}

async function lookUp(page: Page, hub: string, id: string) {
  await page.getByRole('button', { name: 'Bring your own model' }).click();
  const panel = page.getByRole('region', { name: 'Bring your own model' });
  await panel.getByLabel('Repository').fill(id);
  await panel.getByText('Another hub').click();
  await panel.getByLabel('Address of the hub').fill(hub);
  await panel.getByRole('button', { name: 'Look up' }).click();
  const card = panel.getByRole('region', { name: id });
  await card.waitFor();
  return panel;
}

/** One run: when its first token stood there, and how fast the page says that it went on. */
async function run(page: Page): Promise<{ first: number; steps: number }> {
  await page.getByRole('textbox', { name: 'Prompt' }).fill(PROMPT);
  await page.getByRole('slider', { name: 'Most new tokens' }).fill(NEW_TOKENS);
  const pressed = performance.now();
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await page.locator('[data-run=running] [data-token^="0."]').first().waitFor();
  const first = performance.now() - pressed;
  await page.locator('[data-run=done]').waitFor();
  const facts = (await page.getByTestId('provenance').textContent()) ?? '';
  return { first, steps: Number(/([\d.]+) tokens\/s/.exec(facts)?.[1]) };
}
