import asyncifyWasm from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url';
import cpuWasm from 'onnxruntime-web/ort-wasm-simd-threaded.wasm?url';
import type { ExecutionProvider, Probe } from '../src/protocol/engineApi';
import type { DeviceLimits } from '../src/protocol/models';
import type { Runtime } from './runtime';
import type { OrtBuild } from './session';

/** ONNX Runtime Web in a worker: the CPU-only build where there is no WebGPU, since it is smaller and starts sooner. */
export const browserRuntime: Runtime = { probe, limits, load, deviceLost };

/** Asks for an adapter and then for a device: a browser may have `navigator.gpu` and neither of them. */
async function probe(): Promise<Probe> {
  const wasm = (reason: string): Probe => ({ executionProvider: 'wasm', reason, adapter: null });
  // The type says that it is always there; browsers without WebGPU disagree.
  const gpu = navigator.gpu as GPU | undefined;
  if (!gpu) return wasm('This browser has no WebGPU.');
  try {
    const adapter = await gpu.requestAdapter();
    if (!adapter) return wasm('WebGPU is there, but it offers no adapter for this machine.');
    const device = await adapter.requestDevice();
    device.destroy();
    const { vendor, architecture, device: model, description } = adapter.info;
    const name = description || [vendor, architecture, model].filter(Boolean).join(' ');
    return {
      executionProvider: 'webgpu',
      reason: 'A WebGPU adapter and a device were obtained.',
      adapter: name || 'unnamed adapter',
    };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return wasm(`WebGPU refused a device: ${why}`);
  }
}

/** A gibibyte is the unit of navigator.deviceMemory. */
const GIBIBYTE = 2 ** 30;

async function limits(): Promise<DeviceLimits> {
  const gpu = navigator.gpu as GPU | undefined;
  const adapter = await gpu?.requestAdapter().catch(() => null);
  const { deviceMemory } = navigator as { readonly deviceMemory?: number };
  // Neither is there outside a secure context.
  const storage = navigator.storage as StorageManager | undefined;
  const estimate = await storage?.estimate().catch(() => undefined);
  const { quota, usage } = estimate ?? {};
  return {
    maxBufferSize: adapter
      ? Math.min(adapter.limits.maxBufferSize, adapter.limits.maxStorageBufferBindingSize)
      : null,
    shaderF16: adapter?.features.has('shader-f16') ?? null,
    memory: deviceMemory === undefined ? null : deviceMemory * GIBIBYTE,
    storageFree: quota === undefined || usage === undefined ? null : quota - usage,
  };
}

async function load(executionProvider: ExecutionProvider): Promise<OrtBuild> {
  const build: OrtBuild =
    executionProvider === 'webgpu'
      ? await import('onnxruntime-web/webgpu')
      : await import('onnxruntime-web/wasm');
  build.env.wasm.wasmPaths = { wasm: executionProvider === 'webgpu' ? asyncifyWasm : cpuWasm };
  build.env.wasm.numThreads = 1;
  return build;
}

async function deviceLost(build: OrtBuild): Promise<string> {
  const device = await build.env.webgpu.device;
  const { message, reason } = await device.lost;
  return message || reason;
}
