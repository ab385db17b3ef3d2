import type { DecoderConfig } from '../core/decoderConfig';
import type { Checkpoint, TensorEntry } from './safetensors';
import { findWeights } from './weights';

/** Rows of the vocabulary in an excerpt. */
const EXCERPT_ROWS = 256;

/** A small decoder out of a large one: its first layer, and the first tokens of its vocabulary. */
export interface Excerpt {
  readonly config: DecoderConfig;
  readonly checkpoint: Checkpoint;
}

/** @throws Failure weights-invalid as findWeights does */
export function excerptOf(config: DecoderConfig, checkpoint: Checkpoint): Excerpt {
  const { embedding, head } = findWeights(checkpoint, config);
  const vocabSize = Math.min(EXCERPT_ROWS, config.vocabSize);
  const tensors = new Map(checkpoint.tensors);
  for (const matrix of [embedding, head]) tensors.set(matrix.name, firstRows(matrix, vocabSize));
  return {
    config: {
      ...config,
      vocabSize,
      numHiddenLayers: 1,
      layerAttention: config.layerAttention.slice(0, 1),
    },
    checkpoint: { ...checkpoint, tensors },
  };
}

function firstRows(matrix: TensorEntry, count: number): TensorEntry {
  const [rows = 0, columns = 0] = matrix.shape;
  return { ...matrix, shape: [count, columns], length: (matrix.length / rows) * count };
}
