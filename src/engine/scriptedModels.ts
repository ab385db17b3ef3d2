import { type DecoderConfig, LLAMA_TRAITS } from '../core/decoderConfig';
import type { LoadedModel, LoadRequest } from '../protocol/engineApi';
import type { ModelOrigin, ModelReference, ModelSurvey, StoredModel } from '../protocol/models';

const MEGABYTE = 1_000_000;

/** Bytes of every scripted model. */
export const SCRIPTED_BYTES = 4 * MEGABYTE;

/** What every branch of a scripted hub stands for. */
export const SCRIPTED_COMMIT = '0123456789abcdef0123456789abcdef01234567';

export const SCRIPTED_CONFIG: DecoderConfig = {
  ...LLAMA_TRAITS,
  modelType: 'opensci',
  vocabSize: 256,
  hiddenSize: 64,
  intermediateSize: 128,
  numHiddenLayers: 2,
  numAttentionHeads: 1,
  numKeyValueHeads: 1,
  headDim: 64,
  ropeTheta: 1_000_000,
  maxPositionEmbeddings: 256,
  normEps: 1e-5,
  attentionBias: true,
  outputBias: true,
  mlpBias: true,
  qkNorm: 'head',
  attentionScale: 1 / 8,
  layerAttention: ['full', 'full'],
  tieWordEmbeddings: true,
  eosTokenIds: [0],
};

/** What a survey of this model says. */
export function scriptedSurvey(
  reference: ModelReference,
  changed: Partial<ModelSurvey> = {},
): ModelSurvey {
  return {
    reference: resolved(reference),
    id: nameOf(reference),
    origin: originOf(reference),
    format: 'safetensors',
    config: SCRIPTED_CONFIG,
    parameterCount: 2 * MEGABYTE,
    tensors: [
      { name: 'model.embed_tokens.weight', dtype: 'BF16', shape: [256, 64] },
      { name: 'model.layers.0.self_attn.q_proj.weight', dtype: 'BF16', shape: [64, 64] },
      { name: 'model.norm.weight', dtype: 'F32', shape: [64] },
    ],
    storedFrequencies: [],
    totalBytes: SCRIPTED_BYTES,
    storedBytes: 0,
    packings: [
      { packing: 'keep', memoryBytes: 8 * MEGABYTE, obstacle: null },
      { packing: 'float16', memoryBytes: 4 * MEGABYTE, obstacle: null },
      {
        packing: 'int4',
        memoryBytes: MEGABYTE,
        obstacle: 'Blocks of 32 do not fit in a row of 20.',
      },
    ],
    recommended: 'float16',
    recommendation: 'It is stored in 16 bits, and half precision keeps them.',
    limits: { maxBufferSize: null, shaderF16: null, memory: 8e9, storageFree: 2e9 },
    notes: [],
    ...changed,
  };
}

/** What a load of this request gives. */
export function scriptedModel(
  { id, reference, packing, executionProvider }: LoadRequest,
  sha256 = 'c0ffee'.repeat(10) + 'c0ff',
): LoadedModel {
  return {
    id,
    sha256,
    config: SCRIPTED_CONFIG,
    parameterCount: 2 * MEGABYTE,
    tensors: [],
    weightBytes: SCRIPTED_BYTES,
    executionProvider: executionProvider === 'webgpu' ? 'webgpu' : 'wasm',
    executionProviderReason: 'Scripted: there is no model behind this.',
    origin: originOf(reference),
    format: 'safetensors',
    packing: packing ?? (reference.kind === 'hub' ? 'float16' : 'keep'),
    notes: [],
    loadMs: 12,
  };
}

/** What is kept of a model of a hub. */
export function scriptedStored(changed: Partial<StoredModel> = {}): StoredModel {
  return {
    key: 'org-nano',
    hub: 'https://huggingface.co',
    id: 'org/nano',
    commit: SCRIPTED_COMMIT,
    bytes: SCRIPTED_BYTES,
    totalBytes: SCRIPTED_BYTES,
    complete: true,
    storedAt: 0,
    ...changed,
  };
}

/** A branch is resolved to a commit, as hubs do. */
function resolved(reference: ModelReference): ModelReference {
  if (reference.kind !== 'hub' || /^[0-9a-f]{40}$/.test(reference.revision)) return reference;
  return { ...reference, revision: SCRIPTED_COMMIT };
}

function originOf(reference: ModelReference): ModelOrigin {
  const of = resolved(reference);
  return of.kind === 'hub'
    ? { kind: of.kind, hub: of.hub, commit: of.revision }
    : { kind: of.kind, hub: null, commit: null };
}

function nameOf(reference: ModelReference): string {
  switch (reference.kind) {
    case 'hub':
      return reference.id;
    case 'files':
      return reference.name;
    case 'directory':
      return reference.location;
  }
}
