import { partingPrompt } from './golden';
import { expect, PlaygroundPage, test } from './playground';

/** The software adapter takes seconds to compile the shaders and a tenth of one for a step: few tests, short runs. */
const COMPARED = 10;

test('both lanes equal PyTorch’s on WebGPU, the toggle diverges, Stop stops', async ({
  playground,
  page,
}) => {
  const { prompt, healthy, zero, first_divergence } = partingPrompt();
  const parting = first_divergence ?? 0;
  const length = Math.max(COMPARED, parting + 2);
  await playground.openReady();
  await expect(page.getByText(/Runs on WebGPU:/)).toBeVisible();
  await playground.ask(prompt, length);
  await playground.runToEnd();
  await expect(playground.provenance).toContainText('WebGPU');
  expect(await playground.ids(0)).toEqual(healthy.ids.slice(0, length));
  expect(await playground.ids(1)).toEqual(zero.ids.slice(0, length));
  await expect(playground.flag).toHaveText(`parts here: token ${parting + 1}`);

  await playground.fault.uncheck();
  await expect(playground.verdict).toContainText('The lanes agree on all');
  await playground.fault.check();
  await expect(playground.verdict).toContainText('The lanes part');

  await playground.ask(prompt, 192);
  await playground.run.click();
  await expect(playground.tokens(0).first()).toBeVisible();
  await playground.stop.click();
  await playground.ended();
  await expect(playground.verdict).toContainText('Stopped.');
  expect(await playground.tokens(0).count()).toBeLessThan(192);
});

test('WASM can be chosen where there is WebGPU, and back', async ({ playground, page }) => {
  await playground.openReady();
  await page.getByRole('radio', { name: 'WASM' }).check({ force: true });
  await expect(page.getByText('Runs on WASM: WASM was chosen.')).toBeVisible();
  await playground.runToEnd();
  await expect(playground.provenance).toContainText('WASM');
  await page.getByRole('radio', { name: 'WebGPU' }).check({ force: true });
  await expect(page.getByText(/Runs on WebGPU:/)).toBeVisible();
  await expect(playground.provenance).toContainText('WASM');
});

test('a GPU that crashes is said so, and loading again runs what was to run', async ({
  playground,
  browser,
}) => {
  await playground.openReady();
  await playground.ask('The capital of France is', 4);
  await playground.runToEnd();
  const ids = await playground.ids(1);
  const session = await browser.newBrowserCDPSession();
  // It takes the connection's answer down with it.
  void session.send('Browser.crashGpuProcess').catch(() => undefined);
  await expect(async () => {
    await playground.run.click();
    await expect(playground.problem).toHaveAttribute('data-code', 'device-lost', { timeout: 5000 });
  }).toPass();
  await playground.problem.getByRole('button', { name: 'Load again and run' }).click();
  await playground.ended();
  expect(await playground.ids(1)).toEqual(ids);
});

test('a link that was made on WASM, and one that was made on WebGPU, is reproduced on WebGPU', async ({
  playground,
  page,
  browser,
  baseURL,
}) => {
  test.slow();
  const context = await browser.newContext(baseURL === undefined ? {} : { baseURL });
  const elsewhere = new PlaygroundPage(await context.newPage());
  await elsewhere.openReady();
  // Long enough for several pieces, and for shaders of its own, were it read in one.
  await elsewhere.ask(`Copy: ${'red dog cup fox hat '.repeat(8)}->`, 4);
  const links: string[] = [];
  for (const provider of ['WebGPU', 'WASM']) {
    const before = elsewhere.page.url();
    if (provider === 'WASM') {
      await elsewhere.page.getByRole('radio', { name: provider }).check({ force: true });
      await expect(elsewhere.page.getByText('Runs on WASM: WASM was chosen.')).toBeVisible();
    }
    await elsewhere.runToEnd();
    await expect(elsewhere.provenance).toContainText(provider);
    await expect(elsewhere.page).not.toHaveURL(before);
    links.push(elsewhere.page.url());
  }
  await context.close();

  for (const [i, provider] of ['WebGPU', 'WASM'].entries()) {
    await page.goto(links[i] ?? '');
    const opened = page.getByRole('region', { name: 'Opened run' });
    await expect(opened).toContainText(new RegExp(`made with [\\d.]+ on ${provider}\\.`));
    await expect(opened.getByRole('heading')).toHaveText(/Reproduced$|: a near-tie$/);
    await expect(playground.provenance).toContainText('WebGPU');
  }
});
