import { defineConfig } from '@playwright/test';
import { findChromium } from './e2e/chromium';

/** E2E_PORT lets two runs go on side by side. */
const PORT = Number(process.env.E2E_PORT ?? 4183);

/** Built apart from dist/, so that a build of somebody else does not pull the page away under a test. */
const SITE = `node_modules/.cache/e2e-site-${PORT}`;

/** What a container and a test need of Chromium: no sandbox, and no requests of its own. */
const QUIET = [
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** A real WebGPU adapter, in software, where there is no GPU. */
const SOFTWARE_GPU = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'];

const executablePath = findChromium();
const chromium = (args: readonly string[]) => ({
  launchOptions: {
    args: [...args],
    ...(executablePath === undefined ? {} : { executablePath }),
  },
});

export default defineConfig({
  testDir: 'e2e',
  timeout: 90_000,
  expect: { timeout: 45_000 },
  /** One for each core of a small machine: each test has a browser context, and storage, of its own. */
  workers: 2,
  forbidOnly: Boolean(process.env.CI),
  reporter: [['list']],
  use: {
    baseURL: `http://localhost:${PORT}/`,
    viewport: { width: 1280, height: 900 },
    trace: 'retain-on-failure',
  },
  projects: [
    { name: 'wasm', testIgnore: '**/webgpu.spec.ts', use: chromium(QUIET) },
    {
      name: 'webgpu',
      testMatch: '**/webgpu.spec.ts',
      use: chromium([...QUIET, ...SOFTWARE_GPU]),
    },
  ],
  webServer: {
    command: `npx vite build --outDir ${SITE} --emptyOutDir && npx vite preview --outDir ${SITE} --port ${PORT} --strictPort`,
    url: `http://localhost:${PORT}/`,
    timeout: 120_000,
    reuseExistingServer: false,
  },
});
