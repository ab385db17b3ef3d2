import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import type { DecoderConfig } from '../src/core/decoderConfig';
import { Failure } from '../src/core/errors';
import type { Packing } from '../src/core/packing';
import { parseConfig } from '../src/onnx/config';
import { buildStages, PLAYGROUND_GRAPH } from '../src/onnx/decoder';
import { excerptOf } from '../src/onnx/excerpt';
import { type Checkpoint, WEIGHTS_FILE } from '../src/onnx/safetensors';
import { packingForms, WeightLayout, type WeightPlace } from '../src/onnx/weightLayout';
import type { WeightFile } from '../src/onnx/weightFile';
import { findWeights, parameterCount } from '../src/onnx/weights';
import type { AttentionKind, CheckpointTensor } from '../src/protocol/engineApi';
import type { ModelFormat } from '../src/protocol/models';
import { hashOfFiles, openFiles, readCheckpoint } from './checkpointFiles';
import { collectGarbage } from './collector';
import type { LaneSession } from './laneSession';
import { virtualFile } from './lazyBytes';
import type { ModelSource, OpenedFile } from './modelSource';
import { rehearse } from './rehearsal';
import { DecoderSession, type OrtBuild, type SessionFiles } from './session';
import { Tokenizer } from './tokenizer';

const MEGABYTE = 1024 * 1024;
const LIMITS = {
  'config.json': MEGABYTE,
  'tokenizer.json': 64 * MEGABYTE,
  'tokenizer_config.json': 4 * MEGABYTE,
  'model.onnx': 64 * MEGABYTE,
} as const;

type FileName = keyof typeof LIMITS;

/** Of files of weights. Those of larger ones are not hashed tensor by tensor as well; and their session is rehearsed. */
const SMALL_BYTES = 64 * MEGABYTE;

/** What a session's graph is to be like. */
export interface SessionTarget extends WeightPlace {
  readonly attention: AttentionKind;
}

/** A model's directory, read, checked, and ready for a session. */
export interface ModelFiles {
  readonly format: ModelFormat;
  readonly config: DecoderConfig;
  readonly tokenizer: Tokenizer;
  /** Makes a session, once for each time that it is called. */
  readonly openSession: (ort: OrtBuild, target: SessionTarget) => Promise<LaneSession>;
  readonly sha256: string;
  readonly parameterCount: number;
  readonly tensors: readonly CheckpointTensor[];
  /** Bytes of the files that hold them. */
  readonly weightBytes: number;
  /** What became of it that a visitor should know; grows when a session is made. */
  readonly notes: readonly string[];
}

/** A checkpoint, and the graph that is built for it. */
export interface CheckpointModel extends ModelFiles {
  readonly session: (target: SessionTarget) => SessionFiles;
}

export interface ReadOptions {
  /** 'stored' reads model.onnx from the directory; 'built' makes the same from config.json and the header. */
  readonly graph: 'stored' | 'built';
  readonly packing: Packing;
  readonly onBytes: (loaded: number, total: number) => void;
  readonly onWaiting?: () => void;
  readonly signal: AbortSignal;
}

/**
 * Reads config.json and the headers first, since they decide whether the rest is worth fetching.
 * @throws Failure
 */
export async function readModel(
  source: ModelSource,
  options: ReadOptions,
): Promise<CheckpointModel> {
  const others = new AbortController();
  const signal = AbortSignal.any([options.signal, others.signal]);
  const report = progressOf(options.onBytes);
  const read = (file: FileName) =>
    source.read(file, LIMITS[file], (loaded, total) => report(file, loaded, total), signal);

  const config = await readConfig(source, signal, report);
  const weights = async () => {
    const found = await readCheckpoint(source, report, signal);
    const tensors = findWeights(found.checkpoint, config);
    const files = await openFiles(source, found, report, signal, options.onWaiting);
    return { ...found, files, parameterCount: parameterCount(tensors) };
  };
  const [opened, tokenizer, graph] = await Promise.all([
    weights(),
    readTokenizer(source, report, signal),
    options.graph === 'stored' ? read('model.onnx') : undefined,
  ]).catch((error: unknown) => {
    // One file is missing for good: nobody waits for the others.
    others.abort();
    throw error;
  });
  if (options.graph === 'stored' && !graph) {
    throw new Failure('graph-missing', 'There is no model.onnx.');
  }
  const { checkpoint, names, files } = opened;
  const session = (target: SessionTarget) =>
    graph && target.attention === 'fused'
      ? storedSession(graph, files)
      : packedSession(config, checkpoint, files, target, options.packing);
  return {
    format: 'safetensors',
    config,
    tokenizer,
    sha256: hashOfFiles(names, files),
    parameterCount: opened.parameterCount,
    tensors: describeTensors(checkpoint, files),
    weightBytes: checkpoint.fileLength,
    notes: [],
    session,
    openSession: async (ort, target) => {
      const open = () =>
        DecoderSession.create(ort, session(target), config, target.executionProvider, signal);
      const { executionProvider, attention } = target;
      // Eager attention comes after the fused one, which was rehearsed.
      const rehearsed = executionProvider === 'wasm' && attention === 'fused';
      if (!rehearsed || checkpoint.fileLength <= SMALL_BYTES) return open();
      const part = excerptOf(config, checkpoint);
      const small = packedSession(part.config, part.checkpoint, files, target, options.packing);
      await rehearse(ort, small, part.config, signal);
      await collectGarbage();
      const opened = await open();
      await collectGarbage();
      return opened;
    },
  };
}

/** @throws Failure tokenizer-missing, tokenizer-invalid, and what the source throws */
export async function readTokenizer(
  source: ModelSource,
  report: (file: string, loaded: number, total: number) => void,
  signal: AbortSignal,
): Promise<Tokenizer> {
  const read = async (file: FileName) => {
    const onBytes = (loaded: number, total: number) => report(file, loaded, total);
    const bytes = await source.read(file, LIMITS[file], onBytes, signal);
    return bytes && new TextDecoder().decode(bytes);
  };
  const [json, config] = await Promise.all([read('tokenizer.json'), read('tokenizer_config.json')]);
  if (json === undefined) throw new Failure('tokenizer-missing', 'There is no tokenizer.json.');
  return Tokenizer.parse(json, config);
}

/** @throws Failure config-missing, config-invalid, config-unsupported, and what the source throws */
export async function readConfig(
  source: ModelSource,
  signal: AbortSignal,
  report: (file: string, loaded: number, total: number) => void = () => undefined,
): Promise<DecoderConfig> {
  const file = 'config.json';
  const onBytes = (loaded: number, total: number) => report(file, loaded, total);
  const bytes = await source.read(file, LIMITS[file], onBytes, signal);
  if (!bytes) throw new Failure('config-missing', 'There is no config.json.');
  return parseConfig(new TextDecoder().decode(bytes));
}

/** Bytes of all files together, once the weights' size is known: before, a total would be far too small. */
export function progressOf(onBytes: ReadOptions['onBytes']) {
  const progress = new Map<string, { loaded: number; total: number }>();
  return (file: string, loaded: number, total: number) => {
    progress.set(file, { loaded, total });
    if (![...progress.keys()].some((name) => /\.(safetensors|onnx)$/.test(name))) return;
    const all = [...progress.values()];
    onBytes(
      all.reduce((sum, entry) => sum + entry.loaded, 0),
      all.reduce((sum, entry) => sum + entry.total, 0),
    );
  };
}

/** A graph that points into the file itself. */
function storedSession(graph: Uint8Array, files: ReadonlyMap<string, OpenedFile>): SessionFiles {
  const file = files.get(WEIGHTS_FILE);
  if (!file) throw new Failure('graph-invalid', 'A stored graph needs weights in one file.');
  const bytes = file.read(0, file.length);
  return { graphs: [graph], weights: [{ location: WEIGHTS_FILE, bytes }], widenOnce: true };
}

function packedSession(
  config: DecoderConfig,
  checkpoint: Checkpoint,
  files: ReadonlyMap<string, WeightFile>,
  { attention, ...place }: SessionTarget,
  packing: Packing,
): SessionFiles {
  const layout = new WeightLayout(packingForms(packing, place));
  const graphs = buildStages(config, checkpoint, {
    ...PLAYGROUND_GRAPH,
    attention,
    weights: { kind: 'packed', layout },
  });
  const weights = layout.files.map(({ location, length }) => ({
    location,
    bytes: virtualFile(location, length, layout.segments, files),
  }));
  return { graphs, weights, widenOnce: packing === 'keep' };
}

function describeTensors(
  { tensors, fileLength }: Checkpoint,
  files: ReadonlyMap<string, WeightFile>,
): CheckpointTensor[] {
  const hashed = fileLength <= SMALL_BYTES;
  return [...tensors.values()]
    .sort((a, b) => a.file.localeCompare(b.file) || a.offset - b.offset)
    .map(({ name, file, dtype, shape, offset, length }) => {
      const bytes = hashed ? files.get(file)?.read(offset, length) : undefined;
      return { name, dtype, shape, sha256: bytes ? bytesToHex(sha256(bytes)) : null };
    });
}
