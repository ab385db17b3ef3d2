import { Failure } from '../src/core/errors';
import { HEALTHY_LANE, stackLanes } from '../src/core/lanes';
import type { DecoderConfig } from '../src/core/decoderConfig';
import { exportConfig } from '../src/onnx/exports/exportConfig';
import { externalFiles } from '../src/onnx/exports/externalFiles';
import { type OpenedExport, openExport } from '../src/onnx/exports/openedExport';
import { MAX_MODEL_BYTES, readExport } from '../src/onnx/exports/readExport';
import type { ExecutionProvider } from '../src/protocol/engineApi';
import { hashOfFiles, WEIGHTS_BYTES } from './checkpointFiles';
import { type ExternalFile, ExportSession } from './exportSession';
import { LazyBytes } from './lazyBytes';
import type { ModelSource, OpenedFile } from './modelSource';
import type { OrtBuild } from './session';

/** What healthy logits of the edited graph may be off by. */
const MOST_APART = 1e-5;
const PROBE_IDS = [0, 1, 2, 3];

/** An export that was read, and whose session was held against the unedited file. */
export interface ExportModel {
  readonly config: DecoderConfig;
  readonly session: ExportSession;
  /** As of shards: of all its files, in the order of their names. */
  readonly sha256: string;
  readonly weightBytes: number;
  readonly notes: readonly string[];
}

/**
 * Loads an export and its external data, which is read tensor by tensor.
 *
 * @throws Failure files-missing, onnx-invalid, onnx-no-rotary, and what the source throws
 */
export async function loadExport(
  source: ModelSource,
  name: string,
  ort: OrtBuild,
  executionProvider: ExecutionProvider,
  signal: AbortSignal,
): Promise<ExportModel> {
  const files = new Map<string, OpenedFile>();
  const open = async (file: string, limit: number) => {
    const opened = await source.open(file, limit, () => undefined, signal);
    if (!opened) throw new Failure('files-missing', `There is no ${file}.`);
    files.set(file, opened);
    return opened;
  };
  const file = await open(name, MAX_MODEL_BYTES);
  const bytes = file.read(0, file.length);
  const locations = externalFiles(readExport(bytes).graph);
  for (const location of locations) await open(location, WEIGHTS_BYTES);
  const opened = openExport(bytes, (location, offset, length) => {
    const data = files.get(location);
    return data?.read(offset, length ?? data.length - offset);
  });
  const config = exportConfig(opened.decoder, opened.feeds);
  const external = (): ExternalFile[] =>
    locations.flatMap((location) => {
      const data = files.get(location);
      if (!data) return [];
      const lazy = new LazyBytes(data.length, (from, to) => data.read(from, to - from));
      return [{ location, bytes: lazy }];
    });
  const create = (graph: OpenedExport) =>
    ExportSession.create(ort, graph, config, external(), executionProvider);

  const unedited = await create({ ...opened, graph: bytes, feeds: [] });
  const expected = await probe(unedited, config).finally(() => unedited.release());
  const session = await create(opened);
  try {
    const apart = furthest(await probe(session, config), expected);
    if (!(apart <= MOST_APART)) {
      throw new Failure(
        'onnx-invalid',
        `With its own rotation as an input the graph’s logits are off by ${apart}: they should be the same.`,
      );
    }
    const names = [...files.keys()].sort();
    return {
      config,
      session,
      sha256: hashOfFiles(names, files),
      weightBytes: [...files.values()].reduce((sum, { length }) => sum + length, 0),
      notes: [
        `Fed its own rotation, the edited graph gives the unedited one’s logits (largest difference ${apart}).`,
        'Lanes go through this export in turn.',
      ],
    };
  } catch (error) {
    await session.release();
    throw error;
  }
}

async function probe(session: ExportSession, config: DecoderConfig): Promise<Float32Array> {
  const { tables } = stackLanes([HEALTHY_LANE], config, PROBE_IDS.length);
  const step = { inputIds: PROBE_IDS, lanes: 1, sequence: PROBE_IDS.length };
  const { logits } = await session.forward(step, session.tables(tables), session.emptyCache(1));
  return logits;
}

function furthest(ours: Float32Array, theirs: Float32Array): number {
  return ours.reduce((most, logit, i) => {
    const apart = Math.abs(logit - (theirs[i] ?? Number.NaN));
    return Number.isNaN(apart) ? apart : Math.max(most, apart);
  }, 0);
}
