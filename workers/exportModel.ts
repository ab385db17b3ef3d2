import type { DecoderConfig } from '../src/core/decoderConfig';
import { Failure } from '../src/core/errors';
import { HEALTHY_LANE, stackLanes } from '../src/core/lanes';
import { exportConfig } from '../src/onnx/exports/exportConfig';
import { externalFiles } from '../src/onnx/exports/externalFiles';
import { type OpenedExport, openExport } from '../src/onnx/exports/openedExport';
import { MAX_MODEL_BYTES, readExport } from '../src/onnx/exports/readExport';
import { type ExportHints, readHints } from '../src/onnx/exports/readHints';
import type { ExecutionProvider } from '../src/protocol/engineApi';
import type { SurveyedTensor } from '../src/protocol/models';
import { hashOfFiles, WEIGHTS_BYTES } from './checkpointFiles';
import { type ExternalFile, ExportSession } from './exportSession';
import { LazyBytes } from './lazyBytes';
import type { ModelSource, OpenedFile } from './modelSource';
import type { OrtBuild } from './session';

/** What healthy logits of the edited graph may be off by: graphs in half precision round otherwise from run to run. */
const MOST_APART = { float32: 1e-5, float16: 1e-2 };
const PROBE_IDS = [0, 1, 2, 3];
const CONFIG_BYTES = 2 ** 20;

/** An export that was read, and whose rotation was found and made an input. */
export interface ExportModel {
  readonly config: DecoderConfig;
  /** Its initializers. */
  readonly tensors: readonly SurveyedTensor[];
  readonly parameterCount: number;
  /** The constants that were its rotation. */
  readonly rotation: readonly string[];
  /** As of shards: of all its files, in the order of their names. */
  readonly sha256: string;
  readonly weightBytes: number;
  /** Holds the edited graph against the unedited one, and says in `notes` what came of it. */
  readonly open: (ort: OrtBuild, executionProvider: ExecutionProvider) => Promise<ExportSession>;
  readonly notes: readonly string[];
}

type OnBytes = (file: string, loaded: number, total: number) => void;

/**
 * Reads an export; its external data is opened, and read tensor by tensor when a session is made.
 *
 * @throws Failure files-missing, onnx-invalid, onnx-no-rotary, config-invalid, and what the source throws
 */
export async function readExportModel(
  source: ModelSource,
  name: string,
  onBytes: OnBytes,
  signal: AbortSignal,
): Promise<ExportModel> {
  const files = new Map<string, OpenedFile>();
  const open = async (file: string, limit: number) => {
    const report = (loaded: number, total: number) => onBytes(file, loaded, total);
    const opened = await source.open(file, limit, report, signal);
    if (!opened) throw new Failure('files-missing', `There is no ${file}.`);
    files.set(file, opened);
    return opened;
  };
  const hints = await readExportHints(source, signal);
  const file = await open(name, MAX_MODEL_BYTES);
  const bytes = file.read(0, file.length);
  const { graph } = readExport(bytes);
  const locations = externalFiles(graph);
  const folder = name.slice(0, name.lastIndexOf('/') + 1);
  const beside = (location: string) => files.get(`${folder}${location}`);
  for (const location of locations) await open(`${folder}${location}`, WEIGHTS_BYTES);
  const opened = openExport(bytes, (location, offset, length) => {
    const data = beside(location);
    return data?.read(offset, length ?? data.length - offset);
  });
  const found = exportConfig(opened.decoder, opened.feeds);
  const config: DecoderConfig = {
    ...found,
    eosTokenIds: hints.eosTokenIds,
    numAttentionHeads: hints.numAttentionHeads ?? found.numAttentionHeads,
    maxPositionEmbeddings: Math.min(
      hints.maxPositionEmbeddings ?? found.maxPositionEmbeddings,
      opened.feeds.some(({ positions }) => positions !== undefined)
        ? found.maxPositionEmbeddings
        : Number.MAX_SAFE_INTEGER,
    ),
  };
  const external = (): ExternalFile[] =>
    locations.flatMap((location) => {
      const data = beside(location);
      if (!data) return [];
      const lazy = new LazyBytes(data.length, (from, to) => {
        const part = new Uint8Array(to - from);
        data.readInto(from, part);
        return part;
      });
      return [{ location, bytes: lazy }];
    });
  const notes = ['Lanes go through this export in turn, one after the other.'];
  const tensors = graph.initializer.map((tensor) => ({
    name: tensor.name,
    dtype: DTYPES[tensor.dataType] ?? `type ${tensor.dataType}`,
    shape: tensor.dims.map(Number),
  }));
  return {
    config,
    tensors,
    parameterCount: tensors.reduce(
      (sum, { dtype, shape }) => sum + (dtype.startsWith('F') ? product(shape) : 0),
      0,
    ),
    rotation: opened.feeds.flatMap(({ own }) => own.map((constant) => constant.name)),
    sha256: hashOfFiles([...files.keys()].sort(), files),
    weightBytes: [...files.values()].reduce((sum, { length }) => sum + length, 0),
    notes,
    open: async (ort, executionProvider) => {
      const { session, apart } = await verified(bytes, opened, config, (edited) =>
        ExportSession.create(ort, edited, config, external(), executionProvider),
      );
      notes.push(
        `Fed its own rotation, the edited graph gives the unedited one’s logits (largest difference ${apart}).`,
      );
      return session;
    },
  };
}

/**
 * What config.json adds to an export.
 * @throws Failure config-invalid, and what the source throws
 */
export async function readExportHints(
  source: ModelSource,
  signal: AbortSignal,
): Promise<ExportHints> {
  const json = await source.read('config.json', CONFIG_BYTES, () => undefined, signal);
  return readHints(json && new TextDecoder().decode(json));
}

/** Names of the element types that weights come in. */
const DTYPES: Readonly<Record<number, string>> = {
  1: 'F32',
  2: 'U8',
  3: 'I8',
  6: 'I32',
  7: 'I64',
  10: 'F16',
};

/** The edited graph's session, once it was held against the unedited one's, which is gone by then. */
async function verified(
  bytes: Uint8Array,
  opened: OpenedExport,
  config: DecoderConfig,
  create: (graph: OpenedExport) => Promise<ExportSession>,
): Promise<{ readonly session: ExportSession; readonly apart: number }> {
  const unedited = await create({ ...opened, graph: bytes, feeds: [] });
  const expected = await probe(unedited, config).finally(() => unedited.release());
  const session = await create(opened);
  try {
    const apart = furthest(await probe(session, config), expected);
    if (!(apart <= MOST_APART[opened.decoder.logitsType])) {
      throw new Failure(
        'onnx-invalid',
        `With its own rotation as an input the graph’s logits are off by ${apart}: they should be the same.`,
      );
    }
    return { session, apart };
  } catch (error) {
    await session.release();
    throw error;
  }
}

/** Logits behind a short text, and behind one more token: in a merged file, another decoder gives these. */
async function probe(session: ExportSession, config: DecoderConfig): Promise<Float32Array> {
  const { length } = PROBE_IDS;
  const tables = session.tables(stackLanes([HEALTHY_LANE], config, length + 1).tables);
  const text = { inputIds: PROBE_IDS, lanes: 1, sequence: length };
  const first = await session.forward(text, tables, session.emptyCache(1));
  const token = { inputIds: PROBE_IDS.slice(0, 1), lanes: 1, sequence: 1 };
  const second = await session.forward(token, tables, first.cache);
  return Float32Array.from([...first.logits, ...second.logits]);
}

function furthest(ours: Float32Array, theirs: Float32Array): number {
  return ours.reduce((most, logit, i) => {
    const apart = Math.abs(logit - (theirs[i] ?? Number.NaN));
    return Number.isNaN(apart) ? apart : Math.max(most, apart);
  }, 0);
}

function product(shape: readonly number[]): number {
  return shape.reduce((size, side) => size * side, 1);
}
