import { Failure, toAppError } from '../src/core/errors';
import type { AttentionKind, ExecutionProvider, LoadRequest } from '../src/protocol/engineApi';
import type { LaneSession } from './laneSession';
import { type ModelFiles, readModel, type ReadOptions } from './modelFiles';
import type { ModelSource } from './modelSource';
import type { Runtime } from './runtime';

/** Where a model has come to run. */
export interface Device {
  readonly session: LaneSession;
  readonly executionProvider: ExecutionProvider;
  /** One sentence: why this execution provider. */
  readonly reason: string;
  /** Why the GPU device is gone, once it is. */
  lost: string | undefined;
  /**
   * The same weights behind attention in single operators, built when first asked for from the same files, read again: no
   * copy of the weights waits in memory for a question that may not come. Calls share one; a failed one is tried again.
   */
  readonly eager: () => Promise<LaneSession>;
  readonly release: () => Promise<void>;
}

/**
 * Makes a model's session on the provider asked for; with 'auto', on WebGPU if that works, else on WASM, and the reason is
 * kept.
 * @throws Failure session-failed
 */
export async function openDevice(
  runtime: Runtime,
  files: ModelFiles,
  source: ModelSource,
  wanted: LoadRequest['executionProvider'],
  how: Pick<ReadOptions, 'graph' | 'packing'>,
): Promise<Device> {
  const open = async (executionProvider: ExecutionProvider, reason: string): Promise<Device> => {
    const build = await runtime.load(executionProvider);
    const { shaderF16 } = await runtime.limits();
    const halves = executionProvider === 'wasm' || shaderF16 === true;
    const create = ({ openSession }: ModelFiles, attention: AttentionKind) =>
      openSession(build, { attention, executionProvider, halves });
    const session = await create(files, 'fused');
    const { sha256 } = files;
    const eager = onceUnlessFailed(async () =>
      create(files.format === 'onnx' ? files : await readAgain(source, sha256, how), 'eager'),
    );
    const device: Device = {
      session,
      executionProvider,
      reason,
      lost: undefined,
      eager: eager.get,
      release: async () => {
        await session.release();
        await (await eager.made())?.release();
      },
    };
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

async function readAgain(
  source: ModelSource,
  sha256: string,
  { packing }: Pick<ReadOptions, 'packing'>,
): Promise<ModelFiles> {
  const again = await readModel(source, {
    graph: 'built',
    packing,
    onBytes: () => undefined,
    signal: new AbortController().signal,
  });
  if (again.sha256 === sha256) return again;
  throw new Failure('weights-invalid', 'The weights have changed since the model was loaded.');
}

/** Makes it for the first who asks and gives it to all; what failed is forgotten. */
function onceUnlessFailed<T>(make: () => Promise<T>) {
  let made: Promise<T> | undefined;
  const get = () => {
    made ??= make().catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  };
  return { get, made: () => made?.catch(() => undefined) };
}
