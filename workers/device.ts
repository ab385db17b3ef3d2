import { Failure, toAppError } from '../src/core/errors';
import type { ExecutionProvider, LoadRequest } from '../src/protocol/engineApi';
import type { ModelFiles } from './modelFiles';
import type { Runtime } from './runtime';
import { DecoderSession } from './session';

/** Where a model has come to run. */
export interface Device {
  readonly session: DecoderSession;
  readonly executionProvider: ExecutionProvider;
  /** One sentence: why this execution provider. */
  readonly reason: string;
  /** Why the GPU device is gone, once it is. */
  lost: string | undefined;
}

/**
 * Makes a model's session on the provider asked for; with 'auto', on WebGPU if that works, else on WASM, and the reason is
 * kept.
 * @throws Failure session-failed
 */
export async function openDevice(
  runtime: Runtime,
  files: ModelFiles,
  wanted: LoadRequest['executionProvider'],
): Promise<Device> {
  const open = async (executionProvider: ExecutionProvider, reason: string): Promise<Device> => {
    const build = await runtime.load(executionProvider);
    const { session: parts, config } = files;
    const session = await DecoderSession.create(build, parts, config, executionProvider);
    const device: Device = { session, executionProvider, reason, lost: undefined };
    if (executionProvider === 'webgpu') {
      void runtime.deviceLost(build).then((why) => {
        device.lost = why;
      });
    }
    return device;
  };
  try {
    if (wanted === 'wasm') return await open('wasm', 'WASM was chosen.');
    const probe = await runtime.probe();
    if (probe.executionProvider === 'wasm') {
      if (wanted === 'webgpu') throw new Failure('session-failed', probe.reason);
      return await open('wasm', probe.reason);
    }
    try {
      return await open('webgpu', probe.reason);
    } catch (error) {
      if (wanted === 'webgpu') throw error;
      const why = toAppError(error).message;
      return await open('wasm', `WebGPU could not make a session: ${why}`);
    }
  } catch (error) {
    if (error instanceof Failure) throw error;
    const { message } = toAppError(error);
    throw new Failure('session-failed', `The model could not be started: ${message}`);
  }
}
