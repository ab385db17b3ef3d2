import { Failure, toAppError } from '../src/core/errors';
import type { DecoderOptions } from '../src/onnx/decoder';
import type { ExecutionProvider, LoadRequest } from '../src/protocol/engineApi';
import { type ModelFiles, readModel } from './modelFiles';
import type { ModelSource } from './modelSource';
import type { Runtime } from './runtime';
import { DecoderSession, type OrtBuild } from './session';

/** The graph that views ask: it gives q and k, and takes the pairing as an input. */
const INSPECTION_GRAPH: DecoderOptions = { taps: true, pairing: true };

export interface Opened {
  readonly sessions: ModelSessions;
  readonly executionProvider: ExecutionProvider;
  /** One sentence: why this execution provider. */
  readonly reason: string;
}

/**
 * A model's sessions: the one that decodes, and, once somebody asks for it, the one that can be inspected. The second is
 * made from the same files, read again, so that no copy of the weights waits in memory for a question that may not come.
 */
export class ModelSessions {
  readonly decoder: DecoderSession;
  /** Why the GPU device is gone, once it is. */
  lost: string | undefined;
  readonly #openInspection: () => Promise<DecoderSession>;
  #inspection: Promise<DecoderSession> | undefined;

  private constructor(decoder: DecoderSession, openInspection: () => Promise<DecoderSession>) {
    this.decoder = decoder;
    this.#openInspection = openInspection;
  }

  /** Makes the decoding session on one execution provider. */
  static async open(
    build: OrtBuild,
    files: ModelFiles,
    source: ModelSource,
    executionProvider: ExecutionProvider,
  ): Promise<ModelSessions> {
    const create = ({ session, config }: ModelFiles) =>
      DecoderSession.create(build, session, config, executionProvider);
    const { sha256 } = files;
    return new ModelSessions(await create(files), async () => {
      const again = await readModel(source, {
        graph: INSPECTION_GRAPH,
        onBytes: () => undefined,
        signal: new AbortController().signal,
      });
      if (again.sha256 !== sha256) {
        throw new Failure(
          'weights-invalid',
          'The weights have changed since the model was loaded.',
        );
      }
      return create(again);
    });
  }

  /** The session that can be inspected. Calls share one; a failed one is tried again by the next call. */
  inspection(): Promise<DecoderSession> {
    this.#inspection ??= this.#openInspection().catch((error: unknown) => {
      this.#inspection = undefined;
      throw error;
    });
    return this.#inspection;
  }

  async release(): Promise<void> {
    await this.decoder.release();
    const inspection = await this.#inspection?.catch(() => undefined);
    await inspection?.release();
  }
}

/**
 * On the provider asked for; with 'auto', on WebGPU if that works, else on WASM, and the reason is kept.
 * @throws Failure session-failed
 */
export async function openSessions(
  runtime: Runtime,
  files: ModelFiles,
  source: ModelSource,
  wanted: LoadRequest['executionProvider'],
): Promise<Opened> {
  const open = async (executionProvider: ExecutionProvider, reason: string): Promise<Opened> => {
    const build = await runtime.load(executionProvider);
    const sessions = await ModelSessions.open(build, files, source, executionProvider);
    if (executionProvider === 'webgpu') {
      void runtime.deviceLost(build).then((why) => {
        sessions.lost = why;
      });
    }
    return { sessions, executionProvider, reason };
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
