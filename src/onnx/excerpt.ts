import type { DecoderConfig } from '../core/decoderConfig';
import type { Checkpoint, TensorEntry } from './safetensors';
import { findWeights } from './weights';

/** Rows of the vocabulary in an excerpt. */
const EXCERPT_ROWS = 256;

/** A small decoder out of a large one: its first layers, one of each kind, and the first tokens of its vocabulary. */
export interface Excerpt {
  readonly config: DecoderConfig;
  readonly checkpoint: Checkpoint;
}

/** @throws Failure weights-invalid as findWeights does */
export function excerptOf(config: DecoderConfig, checkpoint: Checkpoint): Excerpt {
  const { embedding, head } = findWeights(checkpoint, config);
  const kinds = [...new Set(config.layerAttention)];
  const layers = 1 + Math.max(0, ...kinds.map((kind) => config.layerAttention.indexOf(kind)));
  const vocabSize = Math.min(EXCERPT_ROWS, config.vocabSize);
  const tensors = new Map(checkpoint.tensors);
  for (const matrix of [embedding, head]) tensors.set(matrix.name, firstRows(matrix, vocabSize));
  return {
    config: {
      ...config,
      vocabSize,
      numHiddenLayers: layers,
      layerAttention: config.layerAttention.slice(0, layers),
    },
    checkpoint: { ...checkpoint, tensors },
  };
}

function firstRows(matrix: TensorEntry, count: number): TensorEntry {
  const [rows = 0, columns = 0] = matrix.shape;
  return { ...matrix, shape: [count, columns], length: (matrix.length / rows) * count };
}
