import { Failure } from '../src/core/errors';
import type { DeviceLimits, ModelSurvey } from '../src/protocol/models';
import { readExportModel } from './exportModel';
import { type ModelFiles, readTokenizer, type ReadOptions, progressOf } from './modelFiles';
import type { ModelSource } from './modelSource';

/**
 * The ONNX file of a source on this machine that is somebody else's export; undefined where there are weights to build a graph for.
 * @throws Failure files-missing if it is not clear which
 */
export function exportNameOf({ reference, files }: ModelSource): string | undefined {
  if (reference.kind === 'hub' || !files) return undefined;
  if (reference.kind === 'directory' && !reference.location.endsWith('.onnx')) return undefined;
  const names = [...files.keys()];
  const graphs = names.filter((name) => name.endsWith('.onnx'));
  if (graphs.length === 0 || names.some((name) => name.endsWith('.safetensors'))) return undefined;
  const [only, ...others] = graphs;
  if (others.length === 0) return only;
  if (graphs.includes('model.onnx')) return 'model.onnx';
  throw new Failure(
    'files-missing',
    `There are ${graphs.length} ONNX files, ${graphs.slice(0, 4).join(', ')}: choose one of them, with its tokenizer.json.`,
  );
}

/** @throws Failure as `readExportModel` does, and tokenizer-missing, tokenizer-invalid */
export async function readExportFiles(
  source: ModelSource,
  name: string,
  { onBytes, signal }: Pick<ReadOptions, 'onBytes' | 'signal'>,
): Promise<ModelFiles> {
  const report = progressOf(onBytes);
  const tokenizer = await readTokenizer(source, report, signal);
  const model = await readExportModel(source, name, report, signal);
  return {
    format: 'onnx',
    config: model.config,
    tokenizer,
    openSession: (ort, { attention, executionProvider }) => {
      if (attention === 'eager') {
        throw new Failure('graph-invalid', 'An export has the attention that it was made with.');
      }
      return model.open(ort, executionProvider);
    },
    sha256: model.sha256,
    parameterCount: model.parameterCount,
    tensors: model.tensors.map((tensor) => ({ ...tensor, sha256: null })),
    weightBytes: model.weightBytes,
    notes: model.notes,
  };
}

/** Looks at an export: unlike a checkpoint it has to be read for that, but it is on this machine. */
export async function surveyExport(
  source: ModelSource,
  name: string,
  limits: DeviceLimits,
  signal: AbortSignal,
): Promise<ModelSurvey> {
  const model = await readExportModel(source, name, () => undefined, signal);
  return {
    reference: source.reference,
    id: source.id,
    origin: source.origin,
    format: 'onnx',
    config: model.config,
    parameterCount: model.parameterCount,
    tensors: model.tensors,
    storedFrequencies: model.rotation,
    totalBytes: model.weightBytes,
    storedBytes: model.weightBytes,
    packings: [{ packing: 'keep', memoryBytes: model.weightBytes, obstacle: null }],
    recommended: 'keep',
    recommendation: 'An export is held as it was exported.',
    limits,
    notes: [...source.notes, ...model.notes],
  };
}
