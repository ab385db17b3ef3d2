import { describe, expect, it } from 'vitest';
import { randomModel, type RandomModelConfig, TINY_LLAMA } from '../../workers/testing/randomModel';
import { parseConfig } from './config';
import { excerptOf } from './excerpt';
import { parseCheckpoint, WEIGHTS_FILE } from './safetensors';
import { findWeights } from './weights';

function read(shape: RandomModelConfig) {
  const files = randomModel(shape);
  return {
    config: parseConfig(new TextDecoder().decode(files['config.json'])),
    checkpoint: parseCheckpoint(files[WEIGHTS_FILE] ?? new Uint8Array()),
  };
}

describe('excerptOf', () => {
  it('is one layer and the first rows of the vocabulary', () => {
    const { config, checkpoint } = read(TINY_LLAMA);
    const { config: small, checkpoint: part } = excerptOf(config, checkpoint);
    expect(small).toMatchObject({ numHiddenLayers: 1, vocabSize: 256 });
    const { embedding, head } = findWeights(part, small);
    for (const matrix of [embedding, head]) {
      const whole = checkpoint.tensors.get(matrix.name);
      expect(matrix.shape).toEqual([256, config.hiddenSize]);
      expect(matrix.offset).toBe(whole?.offset);
      expect(matrix.length).toBe(256 * config.hiddenSize * 4);
    }
  });

  it('has a smaller vocabulary whole', () => {
    const { config, checkpoint } = read({ ...TINY_LLAMA, vocab_size: 200, num_hidden_layers: 1 });
    const { config: small, checkpoint: part } = excerptOf(config, checkpoint);
    expect(small).toEqual(config);
    expect(findWeights(part, small)).toEqual(findWeights(checkpoint, config));
  });

  it('changes nothing of the model itself', () => {
    const { config, checkpoint } = read(TINY_LLAMA);
    const before = structuredClone([...checkpoint.tensors]);
    excerptOf(config, checkpoint);
    expect([...checkpoint.tensors]).toEqual(before);
  });
});
