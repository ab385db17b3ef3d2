import { decoderTensors } from './decoderTensors';
import { float32Tensor, safetensorsFile, type StoredTensor } from './safetensorsFile';
import { byteLevelTokenizer } from './tokenizerFixture';

/** config.json's sizes, in its own names. */
export interface RandomModelConfig {
  readonly model_type: 'llama' | 'opensci';
  readonly vocab_size: number;
  readonly hidden_size: number;
  readonly intermediate_size: number;
  readonly num_hidden_layers: number;
  readonly num_attention_heads: number;
  readonly num_key_value_heads: number;
  readonly head_dim: number;
  readonly max_position_embeddings: number;
  readonly rope_theta: number;
  readonly tie_word_embeddings: boolean;
  readonly eos_token_id: number | null;
}

/** A Hugging Face directory in memory: file name to bytes. */
export type ModelDirectory = Readonly<Record<string, Uint8Array>>;

export const TINY_LLAMA: RandomModelConfig = {
  model_type: 'llama',
  vocab_size: 300,
  hidden_size: 32,
  intermediate_size: 48,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  head_dim: 8,
  max_position_embeddings: 128,
  rope_theta: 10_000,
  tie_word_embeddings: true,
  eos_token_id: null,
};

/** The other family: biases everywhere, QK norm, an untied head. */
export const TINY_OPENSCI: RandomModelConfig = {
  ...TINY_LLAMA,
  model_type: 'opensci',
  num_key_value_heads: 4,
  tie_word_embeddings: false,
};

/** Shape of stories15M (llama2.c): what the benchmark and its aim speak of. */
export const LLAMA_15M: RandomModelConfig = {
  ...TINY_LLAMA,
  vocab_size: 32_000,
  hidden_size: 288,
  intermediate_size: 768,
  num_hidden_layers: 6,
  num_attention_heads: 6,
  num_key_value_heads: 6,
  head_dim: 48,
  max_position_embeddings: 512,
};

/** A model of that shape with random weights. The same seed gives the same bytes. */
export function randomModel(config: RandomModelConfig, seed = 1): ModelDirectory {
  return {
    'config.json': encode(JSON.stringify(config)),
    'tokenizer.json': encode(byteLevelTokenizer()),
    'model.safetensors': safetensorsFile(randomTensors(config, seed)),
  };
}

function randomTensors(config: RandomModelConfig, seed: number): Map<string, StoredTensor> {
  const random = mulberry32(seed);
  const value = {
    norm: () => 0.75 + 0.5 * random(),
    bias: () => 0.2 * (random() - 0.5),
    /** Uniform, so that the outputs' variance is about that of the inputs. */
    matrix: (from: number) => (2 * random() - 1) * Math.sqrt(3 / from),
  };
  return new Map(
    decoderTensors(config).map(({ name, shape, kind }) => {
      const size = shape.reduce((product, n) => product * n, 1);
      const from = shape.at(-1) ?? 1;
      return [
        name,
        float32Tensor(
          shape,
          Float32Array.from({ length: size }, () => value[kind](from)),
        ),
      ];
    }),
  );
}

/** Uniform in [0, 1), the same sequence for the same seed (Mulberry32, Tommy Ettinger). */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
