import type { Browser, Locator, Page } from '@playwright/test';
import { linkTo, parseLink } from '../src/repro/link';
import type { Repro } from '../src/repro/repro';
import { partingPrompt } from './golden';
import { expect, PlaygroundPage } from './playground';

/** New tokens of each run. */
export const LENGTH = 12;

/** What the page says of what was opened, in the words of a visitor. */
export class OpenedRun {
  readonly panel: Locator;
  readonly title: Locator;
  readonly bringBack: Locator;

  constructor(page: Page) {
    this.panel = page.getByRole('region', { name: 'Opened run' });
    this.title = this.panel.getByRole('status').getByRole('heading');
    this.bringBack = page.getByRole('button', { name: 'Bring back what was set before' });
  }
}

/** The link in the address bar, once it is that of another run than before. */
export async function linkAfter(page: Page, before: string): Promise<string> {
  await expect(page).not.toHaveURL(before);
  return page.url();
}

export async function askAndRun(playground: PlaygroundPage, prompt: string): Promise<string> {
  const before = playground.page.url();
  await playground.ask(prompt, LENGTH);
  await playground.runToEnd();
  return linkAfter(playground.page, before);
}

/** A link that somebody else has made: in another context, which shares nothing with the page of the test. */
export async function madeElsewhere(
  browser: Browser,
  baseURL: string | undefined,
  prompt = partingPrompt().prompt,
): Promise<string> {
  const context = await browser.newContext(baseURL === undefined ? {} : { baseURL });
  const page = await context.newPage();
  const playground = new PlaygroundPage(page);
  await playground.openReady();
  const link = await askAndRun(playground, prompt);
  await context.close();
  return link;
}

/** The same link, expecting another token. */
export function withAnotherToken(link: string, lane: number, step: number): string {
  const repro = parseLink(link);
  const { expectation } = repro;
  const ids = expectation?.lanes[lane]?.ids ?? [];
  const altered = ids.with(step, (ids[step] ?? 0) === 5 ? 6 : 5);
  return linkTo(link, {
    ...repro,
    expectation: expectation && {
      ...expectation,
      lanes: expectation.lanes.map((of, i) => (i === lane ? { ...of, ids: altered } : of)),
    },
  });
}

/** The same link, of another model. */
export function withModel(link: string, model: Partial<Repro['model']>): string {
  const repro = parseLink(link);
  return linkTo(link, { ...repro, model: { ...repro.model, ...model } });
}
