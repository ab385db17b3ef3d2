import { golden, partingPrompt } from './golden';
import { expect, test } from './playground';

test('the prompt that is there, at one press of Run, is continued with Paris', async ({
  playground,
}) => {
  await playground.openReady();
  await expect(playground.prompt).toHaveValue('The capital of France is');
  await playground.runToEnd();
  await expect(playground.tokens(0).first()).toHaveText('·Paris');
  await expect(playground.tokens(0).first()).toHaveAccessibleName(/“ Paris”, id \d+/);
  await expect(playground.verdict).toContainText(/The lanes (part|agree)/);
  await expect(playground.provenance).toContainText('nano-opensci');
  await expect(playground.provenance).toContainText(golden.weights_sha256.slice(0, 8));
  await expect(playground.provenance).toContainText(/\d tokens\/s/);
});

test('a page without WebGPU says so, and why', async ({ playground, page }) => {
  await playground.openReady();
  await expect(page.getByText(/Runs on WASM: .*WebGPU/)).toBeVisible();
});

for (const { prompt, healthy, zero, first_divergence } of golden.prompts) {
  test(`both lanes equal PyTorch's, token for token: ${prompt}`, async ({ playground }) => {
    const length = Math.max(healthy.ids.length, zero.ids.length);
    await playground.openReady();
    await playground.ask(prompt, length);
    await playground.runToEnd();
    await expect(playground.tokens(0)).toHaveCount(healthy.ids.length);
    expect(await playground.ids(0)).toEqual(healthy.ids);
    expect(await playground.ids(1)).toEqual(zero.ids);
    if (first_divergence === null) {
      await expect(playground.flag).toHaveCount(0);
      await expect(playground.verdict).toContainText('The lanes agree');
    } else {
      await expect(playground.flag).toHaveText(`parts here: token ${first_divergence + 1}`);
      await expect(playground.verdict).toContainText(
        `The lanes part at generated token ${first_divergence + 1}.`,
      );
    }
  });
}

test('switching the fault off makes the lanes agree; on again, they part', async ({
  playground,
}) => {
  const { prompt } = partingPrompt();
  await playground.openReady();
  await playground.ask(prompt, 24);
  await playground.runToEnd();
  await expect(playground.flag).toBeVisible();
  const healthy = await playground.ids(0);

  await playground.fault.uncheck();
  await expect(playground.verdict).toContainText('The lanes agree on all');
  await expect(playground.flag).toHaveCount(0);
  expect(await playground.ids(0)).toEqual(healthy);
  expect(await playground.ids(1)).toEqual(healthy);
  await expect(playground.lane('Second lane, no fault')).toContainText(
    'tables identical to healthy',
  );

  await playground.fault.check();
  await expect(playground.verdict).toContainText('The lanes part');
  await expect(playground.lane('inv_freq lost: all zeros')).toContainText('tables differ');
});

test('a switch of the fault fetches nothing', async ({ playground, page }) => {
  await playground.openReady();
  await playground.runToEnd();
  const requests: string[] = [];
  // Chromium looks for the icon again whenever the address changes, as it does after a run.
  page.on('request', (request) => {
    if (!request.url().endsWith('/favicon.svg')) requests.push(request.url());
  });
  await playground.fault.uncheck();
  await expect(playground.provenance).toContainText('Healthy');
  await playground.ended();
  expect(requests).toEqual([]);
});

test('patch 5 mends exact zeros, and says that it fired', async ({ playground, page }) => {
  const { prompt } = partingPrompt();
  await playground.openReady();
  await playground.ask(prompt, 24);
  await playground.runToEnd();
  await page.getByRole('radio', { name: /patch 5/ }).check();
  await expect(playground.verdict).toContainText('The lanes agree on all');
  await expect(playground.verdict).toContainText('The guard fired');
  const lane = playground.lane('inv_freq lost: all zeros, patch 5');
  await expect(lane).toContainText('Guard fired');
  await expect(lane).toContainText('tables identical to healthy');
  expect(await playground.ids(1)).toEqual(await playground.ids(0));
});

test('what is on screen says what made it, whatever is typed since', async ({ playground }) => {
  await playground.openReady();
  await playground.runToEnd();
  await playground.prompt.fill('Count: three, four,');
  await expect(playground.provenance).toContainText('“The capital of France is”');
  await expect(playground.page.getByText('Changed since: prompt.')).toBeVisible();
  await playground.runToEnd();
  await expect(playground.provenance).toContainText('“Count: three, four,”');
});

test('the logits of a step are shown for both lanes, where they part and where one points', async ({
  playground,
  page,
}) => {
  const { prompt, first_divergence } = partingPrompt();
  const parting = (first_divergence ?? 0) + 1;
  await playground.openReady();
  await playground.ask(prompt, 16);
  await playground.runToEnd();
  const reading = page.getByTestId('reading');
  await expect(reading.getByRole('heading')).toContainText(`Token ${parting} `);
  await playground.page.locator('[data-token="1.8"]').hover();
  await expect(reading.getByRole('heading')).toContainText('Token 9 ');
  for (const lane of [0, 1]) {
    const rows = reading.locator(`[data-lane="${lane}"] tbody tr`);
    await expect(rows).toHaveCount(5);
    const chosen = (await playground.ids(lane))[8];
    await expect(rows.first()).toContainText(String(chosen));
  }
});

test('Stop ends a run early, and Run starts another', async ({ playground, page }) => {
  await playground.openReady();
  await playground.ask('Once upon a time, there was a', 192);
  // Presses Stop in the page as soon as a token stands there, and takes the time until the run has ended.
  const stopping = page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        let pressed: number | null = null;
        const observer = new MutationObserver(() => {
          if (pressed === null) {
            if (document.querySelector('[data-run=running] [data-token]') === null) return;
            const stop = [...document.querySelectorAll('button')].find((button) =>
              button.textContent.includes('Stop'),
            );
            pressed = performance.now();
            stop?.click();
          } else if (document.querySelector('[data-run=done]') !== null) {
            observer.disconnect();
            resolve(performance.now() - pressed);
          }
        });
        observer.observe(document.body, { childList: true, subtree: true, attributes: true });
      }),
  );
  await playground.run.click();
  const milliseconds = await stopping;
  test.info().annotations.push({ type: 'stop', description: `${milliseconds.toFixed(0)} ms` });
  expect(milliseconds).toBeLessThan(2000);
  await expect(playground.verdict).toContainText('Stopped.');
  await expect(playground.lane('Healthy')).toContainText('stopped');
  expect(await playground.tokens(0).count()).toBeLessThan(192);

  await playground.ask('The capital of France is', 8);
  await playground.runToEnd();
  await expect(playground.verdict).not.toContainText('Stopped.');
  await expect(playground.tokens(0).first()).toHaveText('·Paris');
});

test('Run pressed while the model loads waits for it', async ({ playground, page }) => {
  let letGo: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (letGo = resolve));
  await page.route('**/model.safetensors', async (route) => {
    await held;
    await route.continue();
  });
  await playground.open();
  await playground.run.click();
  await expect(playground.verdict).toContainText('Waiting for the model');
  await expect(page.getByRole('progressbar')).toBeVisible();
  letGo();
  await playground.ended();
  await expect(playground.tokens(0).first()).toHaveText('·Paris');
});

test('prompt and settings outlive a reload', async ({ playground, page }) => {
  await playground.open();
  await playground.ask('Reverse: red dog cup fox ->', 20);
  await playground.fault.uncheck();
  await page.getByRole('radio', { name: 'Always recompute' }).check();
  await page.reload();
  await expect(playground.prompt).toHaveValue('Reverse: red dog cup fox ->');
  await expect(playground.length).toHaveValue('20');
  await expect(playground.fault).not.toBeChecked();
  await expect(page.getByRole('radio', { name: 'Always recompute' })).toBeChecked();
});
