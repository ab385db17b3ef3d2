import type { DecoderConfig, NormPlacement } from '../core/decoderConfig';
import { Failure } from '../core/errors';
import type { Checkpoint, Dtype, TensorEntry } from './safetensors';
import { tensorNames } from './tensorNames';

/** A linear map: weight [out, in] as PyTorch stores it, and perhaps a bias [out]. */
export interface LinearWeights {
  readonly weight: TensorEntry;
  readonly bias: TensorEntry | undefined;
}

/** A norm's weight [width], and where the mean is taken out, its bias [width]. */
export type NormWeights = LinearWeights;

/** Queries, keys and values: a linear map each, or one for all, by the config's qkvLayout. */
export type QkvWeights =
  | { readonly q: LinearWeights; readonly k: LinearWeights; readonly v: LinearWeights }
  | LinearWeights;

/** What comes before the MLP's activation: gate and up, one tensor that holds both, or up alone. */
export type GateUpWeights =
  { readonly gate: LinearWeights; readonly up: LinearWeights } | LinearWeights;

/** Norms that the config's normPlacement does not call for are undefined. */
export interface LayerWeights {
  readonly inputNorm: NormWeights | undefined;
  readonly qkv: QkvWeights;
  readonly o: LinearWeights;
  /** Over headDim, or over all heads together, where the family has them. */
  readonly qNorm: NormWeights | undefined;
  readonly kNorm: NormWeights | undefined;
  /** Behind attention, before the sum. */
  readonly postAttentionNorm: NormWeights | undefined;
  readonly preMlpNorm: NormWeights | undefined;
  readonly gateUp: GateUpWeights;
  readonly down: LinearWeights;
  /** Behind the MLP, before the sum. */
  readonly postMlpNorm: NormWeights | undefined;
}

/** Every tensor of a decoder, found in the checkpoint by its Hugging Face name and checked. */
export interface DecoderWeights {
  readonly embedding: TensorEntry;
  readonly layers: readonly LayerWeights[];
  readonly finalNorm: NormWeights;
  /** The embedding again, if they are tied. */
  readonly head: TensorEntry;
}

/** Which norms a layer has, by where they stand. preMlp: under which name, since Llama's norm before the MLP is called the one behind attention. */
const NORMS_OF = {
  pre: { input: true, postAttention: false, preMlp: 'postAttentionNorm', postMlp: false },
  post: { input: false, postAttention: true, preMlp: null, postMlp: true },
  sandwich: { input: true, postAttention: true, preMlp: 'preMlpNorm', postMlp: true },
  parallel: { input: true, postAttention: false, preMlp: 'postAttentionNorm', postMlp: false },
  'parallel-shared': { input: true, postAttention: false, preMlp: null, postMlp: false },
} as const satisfies Record<NormPlacement, unknown>;

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
  const norm = (names: string | readonly string[], width: number): NormWeights => {
    const suffixed = (suffix: string) => [names].flat().map((name) => `${name}.${suffix}`);
    return {
      weight: find(suffixed('weight'), width),
      bias: config.norm === 'layer' ? find(suffixed('bias'), width) : undefined,
    };
  };
  const names = tensorNames(config);
  const queries = config.numAttentionHeads * headDim;
  const keys = config.numKeyValueHeads * headDim;
  const norms = NORMS_OF[config.normPlacement];
  const layer = (index: number): LayerWeights => {
    const name = names.layer(index);
    const headNorm = (candidates: readonly string[], width: number) =>
      qkNorm === 'none' ? undefined : norm(candidates, qkNorm === 'whole' ? width : headDim);
    const into = (map: string, width: number) => linear(map, mlpBias, width, hiddenSize);
    return {
      inputNorm: norms.input ? norm(name.inputNorm, hiddenSize) : undefined,
      qkv:
        config.qkvLayout === 'separate'
          ? {
              q: linear(name.query, attentionBias, queries, hiddenSize),
              k: linear(name.key, attentionBias, keys, hiddenSize),
              v: linear(name.value, attentionBias, keys, hiddenSize),
            }
          : linear(name.qkv, attentionBias, queries + 2 * keys, hiddenSize),
      o: linear(name.output, config.outputBias, hiddenSize, queries),
      qNorm: headNorm(name.queryNorm, queries),
      kNorm: headNorm(name.keyNorm, keys),
      postAttentionNorm: norms.postAttention ? norm(name.postAttentionNorm, hiddenSize) : undefined,
      preMlpNorm: norms.preMlp ? norm(name[norms.preMlp], hiddenSize) : undefined,
      gateUp:
        config.mlp === 'plain'
          ? into(name.up, intermediateSize)
          : config.gateUpConcatenated
            ? into(name.gateUp, 2 * intermediateSize)
            : { gate: into(name.gate, intermediateSize), up: into(name.up, intermediateSize) },
      down: linear(name.down, mlpBias, hiddenSize, intermediateSize),
      postMlpNorm: norms.postMlp ? norm(name.postMlpNorm, hiddenSize) : undefined,
    };
  };

  const embedding = find(`${names.embedding}.weight`, config.vocabSize, hiddenSize);
  return {
    embedding,
    layers: Array.from({ length: config.numHiddenLayers }, (_, index) => layer(index)),
    finalNorm: norm(names.finalNorm, hiddenSize),
    head: config.tieWordEmbeddings
      ? embedding
      : find(`${names.head}.weight`, config.vocabSize, hiddenSize),
  };
}

/** The distinct tensors of a decoder, in the order in which the graph uses them. */
export function allTensors({ embedding, layers, finalNorm, head }: DecoderWeights): TensorEntry[] {
  const inLayers = layers.flatMap(({ qkv, gateUp, ...layer }) => [
    layer.inputNorm,
    ...('weight' in qkv ? [qkv] : [qkv.q, qkv.k, qkv.v]),
    layer.o,
    layer.qNorm,
    layer.kNorm,
    layer.postAttentionNorm,
    layer.preMlpNorm,
    ...('weight' in gateUp ? [gateUp] : [gateUp.gate, gateUp.up]),
    layer.down,
    layer.postMlpNorm,
  ]);
  const tensors = [...inLayers, finalNorm].flatMap((part) =>
    part ? [part.weight, part.bias ?? []].flat() : [],
  );
  return [...new Set([embedding, ...tensors, head])];
}

/** Number of parameters, tied ones counted once. */
export function parameterCount(weights: DecoderWeights): number {
  return allTensors(weights).reduce(
    (sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1),
    0,
  );
}
