import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import type { DecoderConfig } from '../src/core/decoderConfig';
import { Failure } from '../src/core/errors';
import { hasBfloat16, widenBfloat16 } from '../src/onnx/bfloat16';
import { parseConfig } from '../src/onnx/config';
import { buildDecoder, PLAYGROUND_GRAPH, WEIGHTS_FILE } from '../src/onnx/decoder';
import { type Checkpoint, parseCheckpoint } from '../src/onnx/safetensors';
import { findWeights, parameterCount } from '../src/onnx/weights';
import type { CheckpointTensor } from '../src/protocol/engineApi';
import type { ModelSource } from './modelSource';
import type { SessionFiles } from './session';
import { Tokenizer } from './tokenizer';

const MEGABYTE = 1024 * 1024;
const LIMITS = {
  'config.json': MEGABYTE,
  'tokenizer.json': 64 * MEGABYTE,
  'tokenizer_config.json': 4 * MEGABYTE,
  'model.onnx': 64 * MEGABYTE,
  [WEIGHTS_FILE]: 2048 * MEGABYTE,
} as const;

type FileName = keyof typeof LIMITS;

/** A model's directory, read, checked, and ready for a session. */
export interface ModelFiles {
  readonly config: DecoderConfig;
  readonly tokenizer: Tokenizer;
  readonly session: SessionFiles;
  readonly sha256: string;
  readonly parameterCount: number;
  readonly tensors: readonly CheckpointTensor[];
  readonly weightBytes: number;
}

/** 'eager' is built like 'built', with attention in single operators. */
export type GraphChoice = 'stored' | 'built' | 'eager';

export interface ReadOptions {
  /** 'stored' reads model.onnx from the directory; 'built' makes the same from config.json and the header. */
  readonly graph: GraphChoice;
  readonly onBytes: (loaded: number, total: number) => void;
  readonly signal: AbortSignal;
}

/**
 * Reads config.json first, since it decides whether the rest is worth fetching, then the other files side by side.
 * @throws Failure
 */
export async function readModel(source: ModelSource, options: ReadOptions): Promise<ModelFiles> {
  const progress = new Map<FileName, { loaded: number; total: number }>();
  const others = new AbortController();
  const signal = AbortSignal.any([options.signal, others.signal]);
  const read = (file: FileName): Promise<Uint8Array | undefined> => {
    const report = (loaded: number, total: number) => {
      progress.set(file, { loaded, total });
      // Until the largest file's size is known, a total would be far too small.
      if (!progress.has(WEIGHTS_FILE)) return;
      const all = [...progress.values()];
      options.onBytes(
        all.reduce((sum, entry) => sum + entry.loaded, 0),
        all.reduce((sum, entry) => sum + entry.total, 0),
      );
    };
    return source.read(file, LIMITS[file], report, signal);
  };

  const configBytes = await read('config.json');
  if (!configBytes) throw new Failure('config-missing', 'There is no config.json.');
  const config = parseConfig(new TextDecoder().decode(configBytes));

  const [weights, tokenizerJson, tokenizerConfig, graph] = await Promise.all([
    read(WEIGHTS_FILE),
    read('tokenizer.json'),
    read('tokenizer_config.json'),
    options.graph === 'stored' ? read('model.onnx') : undefined,
  ]).catch((error: unknown) => {
    // One file is missing for good: nobody waits for the others.
    others.abort();
    throw error;
  });
  if (!weights) throw new Failure('weights-missing', `There is no ${WEIGHTS_FILE}.`);
  if (!tokenizerJson) throw new Failure('tokenizer-missing', 'There is no tokenizer.json.');
  const text = (bytes: Uint8Array | undefined) => bytes && new TextDecoder().decode(bytes);
  const tokenizer = Tokenizer.parse(text(tokenizerJson) ?? '', text(tokenizerConfig));

  const checkpoint = parseCheckpoint(weights);
  const found = findWeights(checkpoint, config);
  const describe = {
    config,
    tokenizer,
    sha256: bytesToHex(sha256(weights)),
    parameterCount: parameterCount(found),
    tensors: describeTensors(checkpoint, weights),
    weightBytes: weights.byteLength,
  };
  if (options.graph === 'stored') {
    if (!graph) throw new Failure('graph-missing', 'There is no model.onnx.');
    return { ...describe, session: { graph, weights: { location: WEIGHTS_FILE, bytes: weights } } };
  }
  const bytes = hasBfloat16(checkpoint) ? widenBfloat16(checkpoint, weights) : weights;
  const built = buildDecoder(config, parseCheckpoint(bytes), {
    ...PLAYGROUND_GRAPH,
    attention: options.graph === 'eager' ? 'eager' : 'fused',
  });
  return { ...describe, session: { graph: built, weights: { location: WEIGHTS_FILE, bytes } } };
}

function describeTensors(checkpoint: Checkpoint, bytes: Uint8Array): CheckpointTensor[] {
  return [...checkpoint.tensors.values()]
    .sort((a, b) => a.offset - b.offset)
    .map(({ name, dtype, shape, offset, length }) => {
      const digest = bytesToHex(sha256(bytes.subarray(offset, offset + length)));
      return { name, dtype, shape, sha256: digest };
    });
}
