import { expect, test } from './playground';

test('an empty prompt is said at the prompt, and the last run stays', async ({ playground }) => {
  await playground.openReady();
  await playground.runToEnd();
  await playground.prompt.fill('');
  await playground.run.click();
  await expect(playground.page.getByText('The prompt is empty. Type a prompt.')).toBeVisible();
  await expect(playground.prompt).toHaveAttribute('aria-invalid', 'true');
  await expect(playground.tokens(0).first()).toHaveText('·Paris');
});

test('a prompt beyond the context is said at the prompt', async ({ playground }) => {
  await playground.openReady();
  await playground.prompt.fill('red dog cup fox '.repeat(80));
  await playground.run.click();
  await expect(playground.page.getByText(/exceed the context of \d+/)).toBeVisible();
  await playground.prompt.fill('The capital of France is');
  await playground.runToEnd();
});

test('weights that answer 404 are said so, and loading again works', async ({
  playground,
  page,
}) => {
  await page.route('**/model.safetensors', (route) => route.fulfill({ status: 404, body: '' }));
  await playground.open();
  await expect(playground.problem).toHaveAttribute('data-code', 'weights-missing');
  await expect(playground.problem).toContainText('model.safetensors');
  await page.unroute('**/model.safetensors');
  await playground.problem.getByRole('button', { name: 'Load again' }).click();
  await expect(playground.ready).toBeVisible();
  await expect(playground.problem).toHaveCount(0);
  await playground.runToEnd();
});

test('weights that are cut off are said so, and loading again works', async ({
  playground,
  page,
}) => {
  await page.route('**/model.safetensors', async (route) => {
    const response = await route.fetch();
    const body = await response.body();
    await route.fulfill({ body: body.subarray(0, Math.floor(body.length / 2)) });
  });
  await playground.open();
  await playground.run.click();
  await expect(playground.problem).toHaveAttribute('data-code', 'weights-truncated');
  await page.unroute('**/model.safetensors');
  await playground.problem.getByRole('button', { name: 'Load again and run' }).click();
  await playground.ended();
  await expect(playground.tokens(0).first()).toHaveText('·Paris');
});

test('a worker whose script throws is said so, and loading again makes another', async ({
  playground,
  page,
}) => {
  await page.route('**/engine.worker-*.js', (route) =>
    route.fulfill({ contentType: 'text/javascript', body: 'throw new Error("out of luck");' }),
  );
  await playground.open();
  await expect(playground.problem).toHaveAttribute('data-code', 'worker-crashed');
  await expect(playground.problem).toContainText('out of luck');
  await page.unroute('**/engine.worker-*.js');
  await playground.problem.getByRole('button', { name: 'Load again' }).click();
  await expect(playground.ready).toBeVisible();
  await playground.runToEnd();
});

test('a worker that crashes in the middle of a run fails it, and it can be run again', async ({
  playground,
  page,
}) => {
  await playground.openReady();
  await playground.ask('Once upon a time, there was a', 192);
  await playground.run.click();
  await expect(playground.tokens(0).first()).toBeVisible();
  const [worker] = page.workers();
  await worker?.evaluate(() => {
    setTimeout(() => {
      throw new Error('crashed on purpose');
    });
  });
  await expect(playground.problem).toHaveAttribute('data-code', 'worker-crashed');
  await expect(playground.problem).toContainText('crashed on purpose');
  await expect(playground.prompt).toHaveValue('Once upon a time, there was a');
  await playground.length.fill('12');
  await playground.problem.getByRole('button', { name: 'Load again and run' }).click();
  await playground.ended();
  await expect(playground.tokens(0)).toHaveCount(12);
});

test('WebGPU that was asked for and is not there is an error, not a silent WASM', async ({
  playground,
  page,
}) => {
  await playground.openReady();
  await page.getByRole('radio', { name: 'WebGPU' }).check({ force: true });
  await expect(playground.problem).toHaveAttribute('data-code', 'session-failed');
  await expect(playground.problem).toContainText('WebGPU');
  await playground.problem.getByRole('button', { name: 'Load on WASM' }).click();
  await expect(page.getByText('Runs on WASM: WASM was chosen.')).toBeVisible();
  await playground.runToEnd();
});
