import { test as base, expect, type Locator, type Page } from '@playwright/test';

export { expect };

/** The page, in the words of a visitor. */
export class PlaygroundPage {
  readonly prompt: Locator;
  readonly length: Locator;
  readonly run: Locator;
  readonly stop: Locator;
  readonly fault: Locator;
  readonly verdict: Locator;
  readonly provenance: Locator;
  readonly flag: Locator;
  readonly problem: Locator;
  readonly ready: Locator;

  /** Origins, beside the page's own, that this test lets it ask. */
  readonly allowed = new Set<string>();

  constructor(readonly page: Page) {
    this.prompt = page.getByRole('textbox', { name: 'Prompt' });
    this.length = page.getByRole('slider', { name: 'Most new tokens' });
    this.run = page.getByRole('button', { name: 'Run', exact: true });
    this.stop = page.getByRole('button', { name: 'Stop', exact: true });
    this.fault = page.getByRole('switch', { name: 'inv_freq lost' });
    this.verdict = page.getByRole('region', { name: 'Comparison' }).getByRole('status');
    this.provenance = page.getByTestId('provenance');
    this.flag = page.getByText(/^parts here: token/);
    this.problem = page.locator('section[role=alert]');
    this.ready = page.locator('[data-model=ready]');
  }

  allow(...addresses: readonly string[]): void {
    for (const address of addresses) this.allowed.add(new URL(address).origin);
  }

  /** Waits for the living page: what was rendered beforehand looks like it and does nothing. */
  async open(): Promise<void> {
    await this.page.goto('./');
    await expect(this.page.locator('[data-prerendered]')).toHaveCount(0);
  }

  async openReady(): Promise<void> {
    await this.open();
    await expect(this.ready).toBeVisible();
  }

  async ask(prompt: string, maxNewTokens: number): Promise<void> {
    await this.prompt.fill(prompt);
    await this.length.fill(String(maxNewTokens));
  }

  comparison(status: 'running' | 'done' | 'failed'): Locator {
    return this.page.locator(`[data-run=${status}]`);
  }

  async runToEnd(): Promise<void> {
    await this.run.click();
    await this.ended();
  }

  async ended(): Promise<void> {
    await expect(this.comparison('done')).toBeVisible();
  }

  tokens(lane: number): Locator {
    return this.page.locator(`[data-token^="${lane}."]`);
  }

  ids(lane: number): Promise<number[]> {
    return this.tokens(lane).evaluateAll((tokens) =>
      tokens.map((token) => Number((token as HTMLElement).dataset.id)),
    );
  }

  lane(name: string): Locator {
    return this.page.getByRole('region', { name, exact: true });
  }
}

/** Every test fails if the page asks anything of another origin or raises an error that it does not handle. */
export const test = base.extend<{ playground: PlaygroundPage }>({
  playground: async ({ page, baseURL }, use) => {
    const strangers: string[] = [];
    const errors: string[] = [];
    page.on('request', (request) => {
      const url = new URL(request.url());
      const local = ['blob:', 'data:'].includes(url.protocol);
      if (!local && url.origin !== new URL(baseURL ?? '').origin) strangers.push(request.url());
    });
    page.on('pageerror', (error) => errors.push(error.message));
    const playground = new PlaygroundPage(page);
    await use(playground);
    const uninvited = strangers.filter((url) => !playground.allowed.has(new URL(url).origin));
    expect(uninvited, 'requests to other origins').toEqual([]);
    expect(errors, 'uncaught errors').toEqual([]);
  },
});
