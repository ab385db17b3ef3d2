import type { ExecutionProvider } from '../../protocol/engineApi';

export function providerName(executionProvider: ExecutionProvider): string {
  return executionProvider === 'webgpu' ? 'WebGPU' : 'WASM';
}
