import { type Packing, PACKINGS } from '../src/core/packing';
import { Failure } from '../src/core/errors';
import { expectedConfig } from '../src/onnx/exports/exportConfig';
import { recommendPacking } from '../src/onnx/recommendPacking';
import type { ExecutionProvider } from '../src/protocol/engineApi';
import type { DeviceLimits, ModelSurvey } from '../src/protocol/models';
import { readExportHints } from './exportModel';
import type { ModelSource } from './modelSource';
import { storageNote, surveyModel } from './survey';

/** Where transformers.js looks for a decoder, and what it calls one that is held so. */
const STEMS = ['onnx/model', 'onnx/decoder_model_merged', 'model'];
const ENDINGS: Readonly<Record<Packing, readonly string[]>> = {
  keep: [''],
  float16: ['_fp16'],
  int4: ['_q4', '_q4f16'],
};
const BESIDE = ['config.json', 'tokenizer.json', 'tokenizer_config.json'];

/** An export of a hub's repository that holds its weights in one of the packings. */
interface HubExport {
  readonly packing: Packing;
  /** Its graph's file. */
  readonly name: string;
}

/**
 * The exports of a hub's repository, as they are named for transformers.js; none where it has weights to build a graph for.
 * @throws Failure export-missing if it has exports of other names only
 */
function hubExports({ reference, files }: ModelSource): HubExport[] {
  if (reference.kind !== 'hub' || !files) return [];
  const names = [...files.keys()];
  const graphs = names.filter((name) => name.endsWith('.onnx'));
  const hasWeights = names.some((name) => /^model[^/]*\.safetensors$/.test(name));
  if (graphs.length === 0 || hasWeights) return [];
  const found = PACKINGS.flatMap((packing): HubExport[] => {
    const spellings = STEMS.flatMap((stem) => ENDINGS[packing].map((end) => `${stem}${end}.onnx`));
    const name = spellings.find((spelling) => files.has(spelling));
    return name === undefined ? [] : [{ packing, name }];
  });
  if (found.length > 0) return found;
  throw new Failure(
    'export-missing',
    `It has ONNX exports, and none that is named as transformers.js does (${graphs
      .slice(0, 3)
      .map((name) => name.slice(0, 100))
      .join(
        ', ',
      )}): one can be downloaded with what lies beside it and tokenizer.json, and dropped here.`,
  );
}

/**
 * Of a hub's exports the one that is held so; undefined where there are weights.
 * @throws Failure export-missing if there are exports, and none that is held so
 */
export function exportHeldAs(source: ModelSource, packing: Packing): string | undefined {
  const exports = hubExports(source);
  const found = exports.find((one) => one.packing === packing);
  if (found || exports.length === 0) return found?.name;
  const others = exports.map((one) => one.packing).join(', ');
  throw new Failure(
    'export-missing',
    `There is no export in ${packing}; there is one in ${others}.`,
  );
}

/** Looks at weights that a graph is built for, or at a hub's exports. */
export function surveyPackings(
  source: ModelSource,
  limits: DeviceLimits,
  executionProvider: ExecutionProvider,
  signal: AbortSignal,
): Promise<ModelSurvey> {
  const exports = hubExports(source);
  return exports.length === 0
    ? surveyModel(source, limits, executionProvider, signal)
    : surveyHubExports(source, exports, limits, executionProvider, signal);
}

/**
 * Looks at a hub's exports by their names and config.json: what is in the graphs is seen once one of them is here.
 * @throws Failure config-invalid, and what the source throws
 */
async function surveyHubExports(
  source: ModelSource,
  exports: readonly HubExport[],
  limits: DeviceLimits,
  executionProvider: ExecutionProvider,
  signal: AbortSignal,
): Promise<ModelSurvey> {
  const config = expectedConfig(await readExportHints(source, signal));
  const needs = exports.map(({ packing, name }) => {
    const own = bytesOf(source, (file) => isPartOf(file, name));
    const beside = bytesOf(source, (file) => BESIDE.includes(file));
    return {
      packing,
      memoryBytes: own.totalBytes,
      largestBytes: 0,
      files: {
        totalBytes: own.totalBytes + beside.totalBytes,
        storedBytes: own.storedBytes + beside.storedBytes,
      },
    };
  });
  const { obstacles, recommended, reason } = recommendPacking(needs, {
    ...limits,
    executionProvider,
  });
  const chosen = needs.find(({ packing }) => packing === recommended) ?? needs[0];
  const files = chosen?.files ?? { totalBytes: 0, storedBytes: 0 };
  return {
    reference: source.reference,
    id: source.id,
    origin: source.origin,
    format: 'onnx',
    config,
    parameterCount: 0,
    tensors: [],
    storedFrequencies: [],
    ...files,
    packings: needs.map(({ packing, memoryBytes, files }) => ({
      packing,
      memoryBytes,
      obstacle: obstacles[packing],
      files,
    })),
    recommended: chosen?.packing ?? recommended,
    recommendation: reason,
    limits,
    notes: [...source.notes, ...storageNote(source, files.totalBytes - files.storedBytes, limits)],
  };
}

/** model_q4.onnx, and model_q4.onnx_data or model_q4.onnx.data beside it, perhaps in several pieces. */
function isPartOf(file: string, graph: string): boolean {
  return (
    file === graph || (file.startsWith(graph) && /^[._]data(_\d+)?$/.test(file.slice(graph.length)))
  );
}

function bytesOf({ files }: ModelSource, isWanted: (file: string) => boolean) {
  const wanted = [...(files ?? [])].filter(([name]) => isWanted(name));
  return {
    totalBytes: wanted.reduce((sum, [, { size }]) => sum + size, 0),
    storedBytes: wanted.reduce((sum, [, { storedBytes }]) => sum + storedBytes, 0),
  };
}
