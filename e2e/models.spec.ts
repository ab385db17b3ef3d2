import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Page } from '@playwright/test';
import { randomModel, TINY_LLAMA } from '../workers/testing/randomModel';
import { commitOf, startTestHub, type TestHub } from '../workers/testing/testHub';
import { byteLevelTokenizer } from '../workers/testing/tokenizerFixture';
import { expect, type PlaygroundPage, test as base } from './playground';

const BUNDLED = fileURLToPath(new URL('../public/models/nano-opensci/', import.meta.url));
const FILES = ['config.json', 'tokenizer.json', 'tokenizer_config.json', 'model.safetensors'];
/** The bundled model under another name, so that what it says is known. */
const NANO = Object.fromEntries(
  FILES.map((name) => [name, new Uint8Array(readFileSync(`${BUNDLED}${name}`))]),
);
const ID = 'open-test/nano';
const WIDE = 'open-test/wide';
const EXPORTS = 'open-test/exports';
const exported = (name: string) =>
  new Uint8Array(readFileSync(new URL(`../training/golden/exports/${name}`, import.meta.url)));

const test = base.extend<{ hub: TestHub }>({
  hub: async ({ playground }, use) => {
    const hub = await startTestHub({
      [ID]: NANO,
      [WIDE]: randomModel({ ...TINY_LLAMA, hidden_size: 256, intermediate_size: 512 }),
      [EXPORTS]: {
        'config.json': Buffer.from('{"num_hidden_layers": 2, "max_position_embeddings": 32}'),
        'tokenizer.json': Buffer.from(byteLevelTokenizer()),
        'onnx/model.onnx': exported('traced.onnx'),
        'onnx/model_q4.onnx': exported('merged.onnx'),
      },
    });
    playground.allow(hub.address, hub.fileAddress);
    await use(hub);
    await hub.close();
  },
});

const panel = (page: Page) => page.getByRole('region', { name: 'Bring your own model' });

async function lookUp(page: Page, hub: string, id: string): Promise<void> {
  const button = page.getByRole('button', { name: 'Bring your own model' });
  if ((await button.getAttribute('aria-expanded')) === 'false') await button.click();
  await panel(page).getByLabel('Repository').fill(id);
  const advanced = panel(page).getByText('Another hub');
  if (!(await panel(page).getByLabel('Address of the hub').isVisible())) await advanced.click();
  await panel(page).getByLabel('Address of the hub').fill(hub);
  await panel(page).getByRole('button', { name: 'Look up' }).click();
}

async function load({ page, ready }: PlaygroundPage, id: string): Promise<void> {
  await panel(page)
    .getByRole('button', { name: /^(Download|Load)/ })
    .click();
  await expect(ready).toContainText(id);
}

test('a model is looked up, loaded from a hub, run; it is there after a reload without a network, until it is deleted', async ({
  playground,
  page,
  hub,
}) => {
  await playground.openReady();
  expect(hub.requests).toEqual([]);
  await lookUp(page, hub.address, ID);
  const card = panel(page).getByRole('region', { name: ID });
  await expect(card).toContainText('opensci');
  await expect(card).toContainText('inv_freq');
  await expect(card).toContainText(commitOf(ID).slice(0, 7));
  expect(hub.requests.join('\n')).not.toContain('model.safetensors bytes=0-\n');
  await load(playground, ID);
  await expect(card).toContainText('all stored on this machine');
  await playground.ask('The capital of France is', 12);
  await playground.runToEnd();
  await expect(playground.tokens(0).first()).toContainText('Paris');
  await expect(playground.flag).toBeVisible();

  await hub.close();
  const before = hub.requests.length;
  await page.reload();
  await expect(playground.ready).toContainText(ID);
  await playground.runToEnd();
  await expect(playground.tokens(0).first()).toContainText('Paris');
  expect(hub.requests.length).toBe(before);

  const button = page.getByRole('button', { name: 'Bring your own model' });
  if ((await button.getAttribute('aria-expanded')) === 'false') await button.click();
  await panel(page)
    .getByRole('button', { name: `Delete ${ID}` })
    .click();
  await panel(page)
    .getByRole('button', { name: /for good$/ })
    .click();
  const names = () =>
    page.evaluate(async () => {
      const root = await navigator.storage.getDirectory();
      const folder = await root.getDirectoryHandle('models');
      const all: string[] = [];
      for await (const name of folder.keys()) all.push(name);
      return all;
    });
  await expect.poll(names, { timeout: 20_000 }).toEqual([]);
});

test('a link to it asks first in a fresh browser, then loads it and is reproduced', async ({
  playground,
  page,
  hub,
  browser,
}) => {
  await playground.openReady();
  await lookUp(page, hub.address, ID);
  await load(playground, ID);
  await playground.ask('Count: three, four', 8);
  await playground.runToEnd();
  await expect.poll(() => new URL(page.url()).hash.length).toBeGreaterThan(40);
  const link = page.url();

  const other = await browser.newContext();
  const fresh = await other.newPage();
  const before = hub.requests.length;
  await fresh.goto(link);
  const opened = fresh.getByRole('region', { name: 'Opened run' });
  await expect(opened).toContainText(ID);
  await expect(opened).toContainText(hub.address);
  await expect(opened).toContainText('not the usual hub');
  expect(hub.requests.length).toBe(before);
  await opened.getByRole('button', { name: 'Load it and run' }).click();
  await expect(opened).toContainText('Reproduced');
  await other.close();
});

test('says what is wrong with a repository, and goes on with the model that is loaded', async ({
  playground,
  page,
  hub,
}) => {
  await playground.openReady();
  await lookUp(page, hub.address, 'open-test/nowhere');
  await expect(panel(page).getByRole('alert').filter({ hasText: 'nowhere' })).toContainText(
    'The hub has no repository',
  );
  hub.failListing({ kind: 'status', status: 403 });
  await lookUp(page, hub.address, ID);
  await expect(panel(page).getByRole('alert').filter({ hasText: 'gated' })).toBeVisible();
  await lookUp(page, 'http://hub.test', ID);
  await expect(panel(page).getByRole('alert').filter({ hasText: 'https' })).toBeVisible();
  await playground.ask('The capital of France is', 6);
  await playground.runToEnd();
  await expect(playground.tokens(0).first()).toContainText('Paris');
});

test('a download that is stopped half way goes on from there', async ({
  playground,
  page,
  hub,
}) => {
  await playground.openReady();
  await lookUp(page, hub.address, WIDE);
  hub.pieceMs = 150;
  await panel(page)
    .getByRole('button', { name: /^Download/ })
    .click();
  await expect
    .poll(() => hub.requests.filter((line) => line.endsWith('model.safetensors bytes=0-')).length)
    .toBe(2);
  const progress = panel(page).getByRole('progressbar');
  await expect
    .poll(async () => Number(await progress.getAttribute('value')))
    .toBeGreaterThan(2 * PIECE);
  await panel(page).getByRole('button', { name: 'Cancel' }).click();
  await expect(panel(page).getByRole('button', { name: /^Download/ })).toBeVisible();
  hub.pieceMs = 0;
  const before = hub.requests.length;
  await load(playground, WIDE);
  const again = hub.requests.slice(before).filter((line) => line.includes('.safetensors bytes='));
  const from = again.map((line) => Number(/bytes=(\d+)-/.exec(line)?.[1] ?? 0));
  expect(Math.max(...from)).toBeGreaterThan(PIECE);
});

/** What the test's hub sends at once. */
const PIECE = 64 * 1024 - 1;

test('two tabs that want the same model fetch it once; one that was closed half way had not been in vain', async ({
  playground,
  page,
  hub,
}) => {
  const bytes = () => hub.requests.filter((line) => / bytes=\d+-$/.test(line));
  // However slow this machine is, the first tab is not done before the second has asked.
  hub.pieceMs = 10_000;
  await playground.openReady();
  await lookUp(page, hub.address, WIDE);
  const download = (tab: Page) => panel(tab).getByRole('button', { name: /^Download/ });
  await download(page).click();
  await expect.poll(() => bytes().length).toBe(2);
  const other = await page.context().newPage();
  await other.goto('./');
  await lookUp(other, hub.address, WIDE);
  await download(other).click();
  await expect(panel(other).getByText('Waiting')).toBeVisible();
  await page.close();
  // Whoever waited goes on behind what the other had fetched.
  hub.pieceMs = 0;
  await expect(other.locator('[data-model=ready]')).toContainText(WIDE);
  const from = bytes().map((line) => Number(/bytes=(\d+)-/.exec(line)?.[1] ?? 0));
  expect(from.slice(0, 2)).toEqual([0, 0]);
  expect(Math.min(...from.slice(2))).toBeGreaterThan(0);
});

test('without room to store it, the model runs from memory, and the page says so', async ({
  playground,
  page,
  hub,
}) => {
  await playground.openReady();
  const devtools = await page.context().newCDPSession(page);
  const { origin } = new URL(page.url());
  await devtools.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 1_500_000 });
  await lookUp(page, hub.address, WIDE);
  await load(playground, WIDE);
  await expect(page.getByRole('region', { name: 'Model', exact: true })).toContainText('no room');
  await playground.ask('The', 4);
  await playground.runToEnd();
  expect(await playground.ids(0)).toHaveLength(4);
});

test('a folder of this machine is read in place', async ({ playground, page }) => {
  await playground.openReady();
  await page.getByRole('button', { name: 'Bring your own model' }).click();
  const chooser = page.waitForEvent('filechooser');
  await panel(page)
    .getByRole('button', { name: /folder/i })
    .click();
  await (await chooser).setFiles(BUNDLED);
  const card = panel(page).getByRole('region', { name: 'nano-opensci' });
  await expect(card).toContainText('opensci');
  await card.getByRole('radio', { name: /4-bit/ }).check();
  await load(playground, 'nano-opensci');
  await expect(playground.ready).toContainText('4-bit');
  await playground.ask('The capital of France is', 6);
  await playground.runToEnd();
  await expect(playground.tokens(0).first()).toContainText('Paris');
});

test('an ONNX export runs in lanes, its rotation fed to it', async ({ playground, page }) => {
  await playground.openReady();
  await page.getByRole('button', { name: 'Bring your own model' }).click();
  const chooser = page.waitForEvent('filechooser');
  await panel(page).getByRole('button', { name: /files/i }).click();
  const mimeType = 'application/octet-stream';
  await (
    await chooser
  ).setFiles([
    { name: 'traced.onnx', mimeType, buffer: Buffer.from(exported('traced.onnx')) },
    { name: 'tokenizer.json', mimeType, buffer: Buffer.from(byteLevelTokenizer()) },
  ]);
  const card = panel(page).getByRole('region', { name: 'traced.onnx' });
  await expect(card).toContainText('what turns was found in its graph');
  await panel(page)
    .getByRole('button', { name: /^(Download|Load)/ })
    .click();
  const model = page.getByRole('region', { name: 'Model', exact: true });
  await expect(model).toContainText('the unedited one’s logits');
  await playground.ask('once upon a time', 8);
  await playground.runToEnd();
  expect(await playground.ids(0)).toHaveLength(8);
  expect(await playground.ids(1)).not.toEqual(await playground.ids(0));
  await page.getByRole('tab', { name: 'Q and K' }).click();
  await expect(page.getByRole('tabpanel')).toContainText('export');
});

test('one of a hub’s ONNX exports is downloaded when it is asked for, and is there after a reload', async ({
  playground,
  page,
  hub,
}) => {
  await playground.openReady();
  await lookUp(page, hub.address, EXPORTS);
  const card = panel(page).getByRole('region', { name: EXPORTS });
  await expect(card).toContainText('ONNX export');
  await expect(card).toContainText('looked for in its graph once that is here');
  const button = card.getByRole('button', { name: /^Download/ });
  const large = await button.textContent();
  await card.getByRole('radio', { name: /int4/ }).check();
  expect(await button.textContent()).not.toBe(large);
  expect(hub.requests.join('\n')).not.toContain('.onnx');
  await load(playground, EXPORTS);
  expect(hub.requests.join('\n')).toContain('model_q4.onnx');
  expect(hub.requests.join('\n')).not.toContain('model.onnx');
  await expect(card).toContainText('all stored on this machine');
  await card.getByRole('radio', { name: /float32/ }).check();
  await expect(card).toContainText('none of it here yet');
  await playground.ask('once upon', 8);
  await playground.runToEnd();
  expect(await playground.ids(1)).not.toEqual(await playground.ids(0));

  const before = hub.requests.length;
  const ids = await playground.ids(1);
  await page.reload();
  await expect(playground.ready).toContainText(EXPORTS);
  await playground.runToEnd();
  expect(await playground.ids(1)).toEqual(ids);
  expect(hub.requests.length).toBe(before);
});
