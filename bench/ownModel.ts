import { mkdirSync, readFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium } from '@playwright/test';
import { build, preview } from 'vite';
import { findChromium } from '../e2e/chromium';
import { PACKINGS } from '../src/core/packing';
import { type HubModels, startTestHub } from '../workers/testing/testHub';
import { madeUpModel } from './models/madeUpModel';
import { LOADED_SHAPES } from './models/shapes';
import { type Visit, visit } from './models/visit';

/**
 * What it takes to bring a model of real size into the page: time until it is ready, out of a hub on this machine and out of
 * the browser's storage; memory of the tab; time to the first token and steps per second on WASM. Every visit begins in a
 * browser of its own with nothing stored.
 */

const SITE = fileURLToPath(new URL('../node_modules/.cache/bench-models/', import.meta.url));
const ARGUMENTS = ['--no-sandbox', '--disable-background-networking', '--disable-component-update'];

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    packing: { type: 'string', default: '' },
    json: { type: 'boolean', default: false },
  },
});

interface Measured extends Visit {
  readonly name: string;
  /** Of the machine during the last minute: what else it did. */
  readonly load: number;
}

const models: Record<string, HubModels[string]> = {};
const wanted = LOADED_SHAPES.filter(({ name }) => name.includes(values.only));
for (const shape of wanted) models[`made-up/${shape.name}`] = madeUpModel(shape);
const hub = await startTestHub(models);
mkdirSync(SITE, { recursive: true });
await build({ logLevel: 'error', build: { outDir: SITE, emptyOutDir: true } });
const server = await preview({
  build: { outDir: SITE },
  preview: { port: Number(process.env.E2E_PORT ?? 4194) },
});
const [site] = server.resolvedUrls?.local ?? [];
if (site === undefined) throw new Error('The page is not served.');
const executablePath = findChromium();
const measured: Measured[] = [];
let version = '';
try {
  for (const { name } of wanted) {
    for (const packing of PACKINGS.filter((one) => one.includes(values.packing))) {
      // A browser of its own: what a process once held stays with it.
      const browser = await chromium.launch({
        args: ARGUMENTS,
        ...(executablePath === undefined ? {} : { executablePath }),
      });
      version = browser.version();
      try {
        const visited = await visit(browser, site, hub, `made-up/${name}`, packing);
        measured.push({
          name: `${name}, ${packing}`,
          load: loadavg()[0] ?? Number.NaN,
          ...visited,
        });
        console.error(JSON.stringify(measured.at(-1)));
      } catch (error) {
        console.error(`${name}, ${packing}: ${String(error)}`);
        process.exitCode = 1;
      } finally {
        await browser.close();
      }
    }
  }
} finally {
  await server.close();
  await hub.close();
}

const { version: ort } = JSON.parse(
  readFileSync(
    fileURLToPath(new URL('../node_modules/onnxruntime-web/package.json', import.meta.url)),
    'utf8',
  ),
) as { version: string };
const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown CPU'}, Chromium ${version}, onnxruntime-web ${ort}`;
if (values.json) console.log(JSON.stringify({ machine, visits: measured }, null, 2));
else {
  console.log(machine);
  printTable();
}

function printTable(): void {
  const mebibytes = (bytes: number) => Math.round(bytes / 2 ** 20);
  const seconds = (ms: number) => (ms / 1000).toFixed(1);
  console.table(
    Object.fromEntries(
      measured.map((row) => [
        row.name,
        {
          weights: row.weights,
          'download to ready, s': seconds(row.downloadMs),
          'reload to ready, s': seconds(row.reloadMs),
          'first token, s': seconds(row.firstTokenMs),
          'steps/s': row.stepsPerSecond,
          'peak, MiB': mebibytes(row.downloadPeakBytes),
          'peak of reload, MiB': mebibytes(row.reloadPeakBytes),
          'after, MiB': mebibytes(row.steadyBytes),
          requests: row.requestsAfterReload,
          load: row.load.toFixed(1),
        },
      ]),
    ),
  );
}
