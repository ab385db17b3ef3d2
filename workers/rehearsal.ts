import type { DecoderConfig } from '../src/core/decoderConfig';
import { DecoderSession, type OrtBuild, type SessionFiles } from './session';
import { warmUp } from './warmUp';

/**
 * Runs a small part of a model before the whole is there. A browser compiles what of WASM has run for a while a second time,
 * better, and takes some 100 MiB for the largest of ORT's functions: now, and not on top of all the weights.
 */
export async function rehearse(
  ort: OrtBuild,
  files: SessionFiles,
  config: DecoderConfig,
  signal: AbortSignal,
): Promise<void> {
  const session = await DecoderSession.create(ort, files, config, 'wasm', signal);
  try {
    await warmUp(session, config, signal);
  } finally {
    await session.release();
  }
}
