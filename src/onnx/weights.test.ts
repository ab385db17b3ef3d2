import { describe, expect, it } from 'vitest';
import {
  randomModel,
  type RandomModelConfig,
  TINY_LLAMA,
  TINY_OPENSCI,
} from '../../workers/testing/randomModel';
import {
  safetensorsFile,
  storedTensors,
  type StoredTensor,
} from '../../workers/testing/safetensorsFile';
import { Failure } from '../core/errors';
import { parseConfig } from './config';
import { parseCheckpoint } from './safetensors';
import { allTensors, findWeights, parameterCount } from './weights';

type Change = (tensors: Map<string, StoredTensor>) => void;

function find(model: RandomModelConfig, change: Change = () => undefined) {
  const files = randomModel(model);
  const tensors = storedTensors(files['model.safetensors'] ?? new Uint8Array());
  change(tensors);
  const config = parseConfig(new TextDecoder().decode(files['config.json']));
  return findWeights(parseCheckpoint(safetensorsFile(tensors)), config);
}

function failure(model: RandomModelConfig, change: Change): Failure {
  try {
    find(model, change);
  } catch (thrown) {
    if (thrown instanceof Failure) return thrown;
    throw thrown;
  }
  throw new Error('the checkpoint was accepted');
}

const rename =
  (from: string, to: string): Change =>
  (tensors) => {
    const tensor = tensors.get(from);
    if (!tensor) throw new Error(`there is no ${from}`);
    tensors.delete(from);
    tensors.set(to, tensor);
  };
const alter =
  (name: string, changed: Partial<StoredTensor>): Change =>
  (tensors) => {
    const tensor = tensors.get(name);
    if (!tensor) throw new Error(`there is no ${name}`);
    tensors.set(name, { ...tensor, ...changed });
  };

describe('findWeights', () => {
  it('finds a Llama’s tensors: no biases, no QK norm, the embedding as the head', () => {
    const weights = find(TINY_LLAMA);
    expect(weights.layers).toHaveLength(2);
    expect(weights.head).toBe(weights.embedding);
    expect(weights.layers[1]?.qkv).toMatchObject({
      k: {
        weight: { name: 'model.layers.1.self_attn.k_proj.weight', shape: [16, 32] },
        bias: undefined,
      },
    });
    expect(weights.layers[0]?.qNorm).toBeUndefined();
  });

  it('finds an open-sci’s tensors: biases, QK norm, its own head', () => {
    const weights = find(TINY_OPENSCI);
    expect(weights.head.name).toBe('lm_head.weight');
    expect(weights.layers[0]?.down.bias?.shape).toEqual([32]);
    expect(weights.layers[0]?.qNorm?.weight.shape).toEqual([8]);
  });

  it('finds the QK norm under both of its names', () => {
    const attention = 'model.layers.1.self_attn';
    const weights = find(TINY_OPENSCI, (tensors) => {
      rename(`${attention}.q_norm.weight`, `${attention}.q_layernorm.weight`)(tensors);
      rename(`${attention}.k_norm.weight`, `${attention}.k_layernorm.weight`)(tensors);
    });
    expect(weights.layers[0]?.qNorm?.weight.name).toBe('model.layers.0.self_attn.q_norm.weight');
    expect(weights.layers[1]?.qNorm?.weight.name).toBe(`${attention}.q_layernorm.weight`);
    expect(weights.layers[1]?.kNorm?.weight.name).toBe(`${attention}.k_layernorm.weight`);
  });

  it('counts parameters, tied ones once', () => {
    const untied = { ...TINY_LLAMA, tie_word_embeddings: false };
    const count = parameterCount(find(TINY_LLAMA));
    expect(parameterCount(find(untied))).toBe(count + 300 * 32);
    // Embedding, final norm; per layer two norms, q and o, k and v, and three of the MLP.
    expect(count).toBe(300 * 32 + 32 + 2 * (2 * 32 + 2 * 32 * 32 + 2 * 16 * 32 + 3 * 48 * 32));
  });

  it('lists every tensor of the file once', () => {
    for (const model of [TINY_LLAMA, TINY_OPENSCI]) {
      const names = allTensors(find(model)).map(({ name }) => name);
      const file = randomModel(model)['model.safetensors'] ?? new Uint8Array();
      expect(names.toSorted()).toEqual([...storedTensors(file).keys()].toSorted());
    }
  });

  it.each([
    'model.embed_tokens.weight',
    'model.layers.1.mlp.gate_proj.bias',
    'model.norm.weight',
    'lm_head.weight',
  ])('says which tensor is missing: %s', (name) => {
    const error = failure(TINY_OPENSCI, (tensors) => tensors.delete(name));
    expect(error).toMatchObject({
      code: 'weights-invalid',
      message: `model.safetensors has no tensor ${name}`,
    });
  });

  it('names both names of a QK norm that is missing', () => {
    const name = 'model.layers.0.self_attn.k_norm.weight';
    const error = failure(TINY_OPENSCI, (tensors) => tensors.delete(name));
    expect(error.message).toContain(`${name} or model.layers.0.self_attn.k_layernorm.weight`);
  });

  it.each([
    ['transposed', 'model.layers.0.mlp.up_proj.weight', [32, 48]],
    ['flat', 'model.embed_tokens.weight', [9600]],
    ['of another rank', 'model.norm.weight', [1, 32]],
  ])('refuses a tensor that is %s', (_, name, shape) => {
    const error = failure(TINY_LLAMA, alter(name, { shape }));
    expect(error.code).toBe('weights-invalid');
    expect(error.message).toContain(`${name} has the shape [${shape.join(', ')}]`);
  });

  it.each(['I32', 'U32'] as const)('refuses a tensor of dtype %s', (dtype) => {
    const error = failure(TINY_LLAMA, alter('model.norm.weight', { dtype }));
    expect(error.code).toBe('weights-invalid');
    expect(error.message).toContain(`model.norm.weight has the dtype ${dtype}`);
  });
});
