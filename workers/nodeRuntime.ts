import { totalmem } from 'node:os';
import type { Runtime } from './runtime';

/** The same WASM kernels as in the browser, under Node: no native package and no download at install. */
export const nodeRuntime: Runtime = {
  probe: () =>
    Promise.resolve({
      executionProvider: 'wasm',
      reason: 'Outside a browser the model runs on WASM.',
      adapter: null,
    }),
  limits: () =>
    Promise.resolve({
      maxBufferSize: null,
      shaderF16: null,
      memory: totalmem(),
      storageFree: null,
    }),
  load: async () => {
    const build = await import('onnxruntime-web/wasm');
    build.env.wasm.numThreads = 1;
    return build;
  },
  deviceLost: () => new Promise(() => undefined),
};
