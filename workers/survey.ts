import type { DecoderConfig } from '../src/core/decoderConfig';
import { PACKINGS } from '../src/core/packing';
import { buildDecoder, PLAYGROUND_GRAPH } from '../src/onnx/decoder';
import { recommendPacking, type Recommendation } from '../src/onnx/recommendPacking';
import type { Checkpoint } from '../src/onnx/safetensors';
import { packingForms, WeightLayout, type WeightPlace } from '../src/onnx/weightLayout';
import { findWeights, parameterCount } from '../src/onnx/weights';
import type { ExecutionProvider } from '../src/protocol/engineApi';
import type { DeviceLimits, ModelSurvey } from '../src/protocol/models';
import { readCheckpoint } from './checkpointFiles';
import { readConfig } from './modelFiles';
import type { ModelSource } from './modelSource';

/** What of a directory belongs to a model: its README and its training's leftovers do not. */
const MODEL_FILES =
  /^(config\.json|tokenizer(_config)?\.json|model[\w.-]*\.safetensors(\.index\.json)?)$/;

/**
 * Looks at a model by its config.json and its headers.
 * @throws Failure as loading it would
 */
export async function surveyModel(
  source: ModelSource,
  limits: DeviceLimits,
  executionProvider: ExecutionProvider,
  signal: AbortSignal,
): Promise<ModelSurvey> {
  const config = await readConfig(source, signal);
  const { checkpoint, names } = await readCheckpoint(source, () => undefined, signal);
  const tensors = [...checkpoint.tensors.values()];
  const { obstacles, recommended, reason, packings } = packingsOf(
    config,
    checkpoint,
    limits,
    executionProvider,
  );
  const needed = [...(source.files ?? [])].filter(
    ([name]) => names.includes(name) || MODEL_FILES.test(name),
  );
  const total = needed.reduce((sum, [, { size }]) => sum + size, 0);
  const storedBytes = needed.reduce((sum, [, file]) => sum + file.storedBytes, 0);
  return {
    reference: source.reference,
    id: source.id,
    origin: source.origin,
    format: 'safetensors',
    config,
    parameterCount: parameterCount(findWeights(checkpoint, config)),
    tensors: tensors.map(({ name, dtype, shape }) => ({ name, dtype, shape })),
    storedFrequencies: tensors.map(({ name }) => name).filter((name) => name.endsWith('inv_freq')),
    totalBytes: source.files ? total : checkpoint.fileLength,
    storedBytes,
    packings: packings.map(({ packing, memoryBytes }) => ({
      packing,
      memoryBytes,
      obstacle: obstacles[packing],
    })),
    recommended,
    recommendation: reason,
    limits,
    notes: [...source.notes, ...storageNote(source, total - storedBytes, limits)],
  };
}

/** Only what comes from a hub is stored; a download goes on in memory when the store is full. */
export function storageNote(
  { reference }: ModelSource,
  missingBytes: number,
  { storageFree }: DeviceLimits,
): string[] {
  if (reference.kind !== 'hub' || storageFree === null || missingBytes <= storageFree) return [];
  const megabytes = (bytes: number) => `${Math.floor(bytes / 1e6)} MB`;
  return [
    `This browser has room for ${megabytes(storageFree)} more, and ${megabytes(missingBytes)} are to be downloaded: what does not fit will be held in memory only, and fetched again next time.`,
  ];
}

/** Which packing suits this model here: by the graphs that they would give. */
export function packingsOf(
  config: DecoderConfig,
  checkpoint: Checkpoint,
  limits: DeviceLimits,
  executionProvider: ExecutionProvider,
): Recommendation & {
  readonly packings: readonly ReturnType<typeof needOf>[];
} {
  const halves = executionProvider === 'wasm' || limits.shaderF16 === true;
  const place = { executionProvider, halves };
  const packings = PACKINGS.map((packing) => needOf(packing, config, checkpoint, place));
  return { packings, ...recommendPacking(packings, { ...limits, executionProvider }) };
}

function needOf(
  packing: (typeof PACKINGS)[number],
  config: DecoderConfig,
  checkpoint: Checkpoint,
  place: WeightPlace,
) {
  const layout = new WeightLayout(packingForms(packing, place));
  buildDecoder(config, checkpoint, { ...PLAYGROUND_GRAPH, weights: { kind: 'packed', layout } });
  const largestBytes = Math.max(0, ...layout.segments.map(({ length }) => length));
  return { packing, memoryBytes: layout.bytes, largestBytes };
}
