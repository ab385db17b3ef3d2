import type { DecoderConfig } from '../core/decoderConfig';
import { Failure } from '../core/errors';
import type { Checkpoint, Dtype, TensorEntry } from './safetensors';

/** A linear map: weight [out, in] as PyTorch stores it, and perhaps a bias [out]. */
export interface LinearWeights {
  readonly weight: TensorEntry;
  readonly bias: TensorEntry | undefined;
}

export interface LayerWeights {
  /** Before attention; where norms stand behind the blocks, there is none. */
  readonly inputNorm: TensorEntry | undefined;
  readonly q: LinearWeights;
  readonly k: LinearWeights;
  readonly v: LinearWeights;
  readonly o: LinearWeights;
  /** RMS norm weights over headDim, or over all heads together, where the family has them. */
  readonly qNorm: TensorEntry | undefined;
  readonly kNorm: TensorEntry | undefined;
  readonly postAttentionNorm: TensorEntry;
  readonly gate: LinearWeights;
  readonly up: LinearWeights;
  readonly down: LinearWeights;
  /** Behind the MLP, where norms stand behind the blocks. */
  readonly postMlpNorm: TensorEntry | undefined;
}

/** Every tensor of a decoder, found in the checkpoint by its Hugging Face name and checked. */
export interface DecoderWeights {
  readonly embedding: TensorEntry;
  readonly layers: readonly LayerWeights[];
  readonly finalNorm: TensorEntry;
  /** The embedding again, if they are tied. */
  readonly head: TensorEntry;
}

const GRAPH_DTYPES: readonly Dtype[] = ['F32', 'F16', 'BF16'];

/**
 * Finds the tensors that `config` calls for. Tensors that it does not call for are left alone.
 * @throws Failure weights-invalid: a tensor is missing, or has another shape or a dtype that is not a float
 */
export function findWeights(checkpoint: Checkpoint, config: DecoderConfig): DecoderWeights {
  /** The first of several names that the checkpoint has: exports differ in what they call the QK norm. */
  const find = (names: string | readonly string[], ...shape: number[]): TensorEntry => {
    const candidates = [names].flat();
    const tensor = candidates.map((name) => checkpoint.tensors.get(name)).find(Boolean);
    if (!tensor) {
      throw new Failure(
        'weights-invalid',
        `model.safetensors has no tensor ${candidates.join(' or ')}`,
      );
    }
    if (tensor.shape.join() !== shape.join()) {
      throw new Failure(
        'weights-invalid',
        `${tensor.name} has the shape [${tensor.shape.join(', ')}]; config.json calls for [${shape.join(', ')}]`,
      );
    }
    if (!GRAPH_DTYPES.includes(tensor.dtype)) {
      throw new Failure(
        'weights-invalid',
        `${tensor.name} has the dtype ${tensor.dtype}; supported are ${GRAPH_DTYPES.join(', ')}`,
      );
    }
    return tensor;
  };
  const linear = (name: string, bias: boolean, out: number, from: number): LinearWeights => ({
    weight: find(`${name}.weight`, out, from),
    bias: bias ? find(`${name}.bias`, out) : undefined,
  });

  const { hiddenSize, intermediateSize, headDim, attentionBias, mlpBias, qkNorm } = config;
  const queries = config.numAttentionHeads * headDim;
  const keys = config.numKeyValueHeads * headDim;
  const layer = (index: number): LayerWeights => {
    const name = `model.layers.${index}`;
    const attention = `${name}.self_attn`;
    const headNorm = (letter: string, width: number) =>
      qkNorm !== 'none'
        ? find(
            ['norm', 'layernorm'].map((norm) => `${attention}.${letter}_${norm}.weight`),
            qkNorm === 'whole' ? width : headDim,
          )
        : undefined;
    const post = config.normPlacement === 'post';
    return {
      inputNorm: post ? undefined : find(`${name}.input_layernorm.weight`, hiddenSize),
      q: linear(`${attention}.q_proj`, attentionBias, queries, hiddenSize),
      k: linear(`${attention}.k_proj`, attentionBias, keys, hiddenSize),
      v: linear(`${attention}.v_proj`, attentionBias, keys, hiddenSize),
      o: linear(`${attention}.o_proj`, config.outputBias, hiddenSize, queries),
      qNorm: headNorm('q', queries),
      kNorm: headNorm('k', keys),
      postAttentionNorm: find(`${name}.post_attention_layernorm.weight`, hiddenSize),
      gate: linear(`${name}.mlp.gate_proj`, mlpBias, intermediateSize, hiddenSize),
      up: linear(`${name}.mlp.up_proj`, mlpBias, intermediateSize, hiddenSize),
      down: linear(`${name}.mlp.down_proj`, mlpBias, hiddenSize, intermediateSize),
      postMlpNorm: post ? find(`${name}.post_feedforward_layernorm.weight`, hiddenSize) : undefined,
    };
  };

  const embedding = find('model.embed_tokens.weight', config.vocabSize, hiddenSize);
  return {
    embedding,
    layers: Array.from({ length: config.numHiddenLayers }, (_, index) => layer(index)),
    finalNorm: find('model.norm.weight', hiddenSize),
    head: config.tieWordEmbeddings
      ? embedding
      : find('lm_head.weight', config.vocabSize, hiddenSize),
  };
}

/** The distinct tensors of a decoder, in the order in which the graph uses them. */
export function allTensors(weights: DecoderWeights): TensorEntry[] {
  const inLayers = weights.layers.flatMap((layer) =>
    Object.values(
      layer as unknown as Record<string, TensorEntry | LinearWeights | undefined>,
    ).flatMap((part) =>
      part === undefined ? [] : 'weight' in part ? [part.weight, part.bias ?? []].flat() : [part],
    ),
  );
  return [...new Set([weights.embedding, ...inLayers, weights.finalNorm, weights.head])];
}

/** Number of parameters, tied ones counted once. */
export function parameterCount(weights: DecoderWeights): number {
  return allTensors(weights).reduce(
    (sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1),
    0,
  );
}
