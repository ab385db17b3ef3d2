import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Browser, chromium } from '@playwright/test';
import react from '@vitejs/plugin-react';
import { build, type InlineConfig, preview } from 'vite';
import { findChromium } from '../e2e/chromium';
import { median } from './median';
import { type Scene, SCENES } from './views/scenes';

/**
 * Are the views fluent with a large model? The page's own components, built as for visitors and fed with 512 positions, 24
 * layers and 32 heads, in a Chromium without a GPU; a hand inside of the page moves pointer, slider or choice once a
 * frame. Frames say what a visitor sees and depend on what else the machine does; processor time does so less.
 */

const ROOT = fileURLToPath(new URL('views/', import.meta.url));
const SITE = fileURLToPath(new URL('../node_modules/.cache/bench-views/', import.meta.url));
/** What a container needs of Chromium, and no requests of its own. */
const ARGUMENTS = ['--no-sandbox', '--disable-background-networking', '--disable-component-update'];

interface Measured {
  readonly scene: string;
  /** Of the milliseconds from each frame to the next; 16.7 is 60 frames a second. */
  readonly median: number;
  readonly p95: number;
  readonly longest: number;
  /** Processor time of the page's main thread, in milliseconds a frame. */
  readonly mainMs: number;
  /** The same of all of Chromium's processes: painting, rasterising and composing as well. */
  readonly allMs: number;
  /** Tasks of the main thread longer than 50 ms, and the longest of them in milliseconds. */
  readonly longTasks: number;
  readonly longestTask: number;
}

async function measure(
  browser: Browser,
  address: string,
  scene: Scene,
  frames: number,
): Promise<Measured> {
  const page = await browser.newPage({
    viewport: { width: 1280, height: 900 },
    deviceScaleFactor: scene.scale,
  });
  page.on('pageerror', (error) => console.error(`${scene.name}: ${error.message}`));
  await page.goto(`${address}?${scene.query}`);
  await page.getByRole('figure').first().waitFor();
  const metrics = await page.context().newCDPSession(page);
  await metrics.send('Performance.enable', { timeDomain: 'threadTicks' });
  const mainSeconds = async () => {
    const { metrics: all } = await metrics.send('Performance.getMetrics');
    return all.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN;
  };
  const processes = await browser.newBrowserCDPSession();
  const allSeconds = async () => {
    const { processInfo } = await processes.send('SystemInfo.getProcessInfo');
    return processInfo.reduce((total, { cpuTime }) => total + cpuTime, 0);
  };
  // Charts are loaded when they are first shown, and code becomes fast while it is used.
  await page.evaluate((n) => window.hand.watch(n), 30);
  await scene.act(page, frames);
  await page.evaluate(() => {
    const tasks: number[] = [];
    window.longTasks = tasks;
    new PerformanceObserver((list) =>
      tasks.push(...list.getEntries().map(({ duration }) => duration)),
    ).observe({ type: 'longtask' });
  });
  const [main, all] = [await mainSeconds(), await allSeconds()];
  const intervals = await scene.act(page, frames);
  const [mainAfter, allAfter] = [await mainSeconds(), await allSeconds()];
  const tasks = await page.evaluate(() => window.longTasks);
  await page.close();
  await processes.detach();
  const sorted = [...intervals].sort((a, b) => a - b);
  return {
    scene: scene.name,
    median: median(sorted),
    p95: sorted[Math.floor(0.95 * (sorted.length - 1))] ?? Number.NaN,
    longest: sorted.at(-1) ?? Number.NaN,
    mainMs: (1000 * (mainAfter - main)) / intervals.length,
    allMs: (1000 * (allAfter - all)) / intervals.length,
    longTasks: tasks.length,
    longestTask: Math.max(0, ...tasks),
  };
}

declare global {
  interface Window {
    longTasks: number[];
  }
}

const { values } = parseArgs({
  options: {
    frames: { type: 'string', default: '240' },
    only: { type: 'string', default: '' },
    json: { type: 'boolean', default: false },
  },
});
const frames = Math.max(15, Number.parseInt(values.frames, 10));

const site: InlineConfig = {
  root: ROOT,
  configFile: false,
  base: './',
  plugins: [react()],
  logLevel: 'warn',
  build: { target: 'esnext', chunkSizeWarningLimit: 1000, outDir: SITE, emptyOutDir: true },
  preview: { port: 0 },
};
await build(site);
const server = await preview(site);
const executablePath = findChromium();
const browser = await chromium.launch({
  args: ARGUMENTS,
  ...(executablePath === undefined ? {} : { executablePath }),
});
try {
  const address = server.resolvedUrls?.local[0] ?? '';
  const measured: Measured[] = [];
  for (const scene of SCENES.filter(({ name }) => name.includes(values.only))) {
    measured.push(await measure(browser, address, scene, frames));
  }
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown CPU'}, Chromium ${browser.version()}`;
  if (values.json) {
    console.log(JSON.stringify({ machine, frames, scenes: measured }, null, 2));
  } else {
    console.log(`${machine}; ${frames} frames a scene`);
    printTable(measured);
  }
} finally {
  await browser.close();
  await server.close();
}

function printTable(measured: readonly Measured[]): void {
  const ms = (value: number) => value.toFixed(1);
  console.table(
    Object.fromEntries(
      measured.map((scene) => [
        scene.scene,
        {
          'frame, median ms': ms(scene.median),
          'p95 ms': ms(scene.p95),
          'longest ms': ms(scene.longest),
          'main thread, CPU ms/frame': ms(scene.mainMs),
          'all processes, CPU ms/frame': ms(scene.allMs),
          'long tasks': scene.longTasks,
          'longest task ms': scene.longestTask,
        },
      ]),
    ),
  );
}
