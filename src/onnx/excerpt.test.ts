import { describe, expect, it } from 'vitest';
import { randomModel, TINY_LLAMA } from '../../workers/testing/randomModel';
import { parseConfig } from './config';
import { excerptOf } from './excerpt';
import { parseCheckpoint, WEIGHTS_FILE } from './safetensors';
import { allTensors, findWeights } from './weights';

const files = randomModel(TINY_LLAMA);
const config = parseConfig(new TextDecoder().decode(files['config.json']));
const checkpoint = parseCheckpoint(files[WEIGHTS_FILE] ?? new Uint8Array());

describe('excerptOf', () => {
  it('is one layer and the first rows of the vocabulary', () => {
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

  it('has a layer of every kind', () => {
    const layerAttention = (['sliding', 'sliding', 'full', 'sliding'] as const).slice();
    const { config: small } = excerptOf(
      { ...config, numHiddenLayers: 4, layerAttention, slidingWindow: 8 },
      checkpoint4(),
    );
    expect(small.layerAttention).toEqual(['sliding', 'sliding', 'full']);
    expect(small.numHiddenLayers).toBe(3);
  });

  it('leaves a small vocabulary and the model itself as they are', () => {
    const before = allTensors(findWeights(checkpoint, config)).map(({ shape }) => shape.join());
    const { config: small } = excerptOf(config, checkpoint);
    expect(small.hiddenSize).toBe(config.hiddenSize);
    expect(allTensors(findWeights(checkpoint, config)).map(({ shape }) => shape.join())).toEqual(
      before,
    );
  });
});

/** The same checkpoint with four layers. */
function checkpoint4() {
  const four = randomModel({ ...TINY_LLAMA, num_hidden_layers: 4 });
  return parseCheckpoint(four[WEIGHTS_FILE] ?? new Uint8Array());
}
