import type { ReadExternal } from './constantValues';
import { type DecoderInterface, decoderInterface } from './decoderInterface';
import { constantsToInputs } from './editExport';
import { readExport } from './readExport';
import { type RotaryFeed, readRotaryFeed } from './rotaryFeed';
import { findRotarySources } from './rotarySource';

/** An export whose rotation comes from outside. */
export interface OpenedExport {
  /** The edited file. */
  readonly graph: Uint8Array;
  readonly decoder: DecoderInterface;
  readonly feeds: readonly RotaryFeed[];
}

/**
 * Finds an export's rotation and makes it inputs.
 *
 * @throws Failure onnx-invalid, onnx-no-rotary, files-missing
 */
export function openExport(bytes: Uint8Array, external: ReadExternal): OpenedExport {
  const read = readExport(bytes);
  const decoder = decoderInterface(read.graph);
  const sources = findRotarySources(read.graph);
  const feeds = sources.map((source) => readRotaryFeed(source, read.graph, external));
  const names = new Set(feeds.flatMap(({ own }) => own.map(({ name }) => name)));
  return { graph: constantsToInputs(read, [...names]), decoder, feeds };
}
