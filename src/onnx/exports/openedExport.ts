import { Failure } from '../../core/errors';
import { sameBits } from '../../core/rope';
import { floatValues, type ReadExternal } from './constantValues';
import { type DecoderInterface, decoderInterface } from './decoderInterface';
import { constantsToInputs } from './editExport';
import { GraphIndex } from './graphIndex';
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
  const index = new GraphIndex(read.graph);
  const feeds = findRotarySources(index, external).map((source) =>
    readRotaryFeed(source, index, external),
  );
  const names = [...new Set(feeds.flatMap(({ own }) => own.map(({ name }) => name)))];
  for (const name of names) checkOneMeaning(name, index, external);
  return { graph: constantsToInputs(read, index, names), decoder, feeds };
}

/** Branches may call different constants the same: one input cannot be both. */
function checkOneMeaning(name: string, index: GraphIndex, external: ReadExternal): void {
  const tensors = index.allOf(name);
  if (tensors.length < 2) return;
  const [first, ...others] = tensors.map((tensor) => floatValues(tensor, external));
  if (first && others.every((values) => sameBits(values, first))) return;
  throw new Failure('onnx-invalid', `The graph’s branches mean different constants by ${name}.`);
}
