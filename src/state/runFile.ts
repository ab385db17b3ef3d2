import * as v from 'valibot';
import { Failure, settle } from '../core/errors';
import { type Bundle, formatBundle, parseBundle } from '../repro/bundle';
import { visible } from '../repro/plainText';
import { MOST_CHARACTERS, MOST_RUNS } from './historyList';

/** A file that a visitor has chosen or dropped; the browser's `File` is one. */
export interface RunFile {
  readonly name: string;
  readonly size: number;
  readonly text: () => Promise<string>;
}

export interface FileContent {
  readonly bundles: readonly Bundle[];
  /** Runs of a history that cannot be read. */
  readonly unreadable: number;
}

/** As many bytes as a full history may take, with room for characters that take several. */
const MOST_BYTES = 2 * MOST_CHARACTERS;

const FORMAT = 'rope-collapse-playground/history';

const HistoryFile = v.object({
  format: v.literal(FORMAT),
  version: v.literal(1),
  bundles: v.pipe(v.array(v.unknown()), v.maxLength(MOST_RUNS)),
});

/** A history as one JSON file: the bundles of its runs, as each would be by itself. */
export function formatHistory(bundles: readonly Bundle[], exportedAt: Date): string {
  const head = { format: FORMAT, version: 1, exportedAt: exportedAt.toISOString() };
  const list = bundles.map(formatBundle).join(',\n');
  return `${JSON.stringify(head).slice(0, -1)},"bundles":[\n${list}\n]}\n`;
}

/**
 * The runs of files, each of which has one bundle or those of a history.
 * @throws Failure with the file’s name: 'bundle-too-large', before anything of what is too large is read;
 * 'bundle-invalid', 'bundle-version'
 */
export async function readRunFiles(files: readonly RunFile[]): Promise<FileContent> {
  const bundles: Bundle[] = [];
  let unreadable = 0;
  let bytes = 0;
  for (const file of files) {
    bytes += file.size;
    const read = await settle(() => contentOf(file, bytes));
    if (!read.ok) {
      const { code, message } = read.error;
      throw new Failure(code, `“${visible(file.name)}” cannot be opened. ${message}`);
    }
    bundles.push(...read.value.bundles);
    unreadable += read.value.unreadable;
  }
  return { bundles, unreadable };
}

/** @param bytes of this file and of those before it */
async function contentOf(file: RunFile, bytes: number): Promise<FileContent> {
  if (bytes > MOST_BYTES) {
    const message = `Runs are read from at most ${byteText(MOST_BYTES)} at once, and these are ${byteText(bytes)}.`;
    throw new Failure('bundle-too-large', message);
  }
  const text = await file.text().catch((cause: unknown) => {
    throw new Failure('bundle-invalid', 'It cannot be read. Is it a folder?', { cause });
  });
  const document = parseJson(text);
  if (!isHistory(document)) return { bundles: [parseBundle(text)], unreadable: 0 };
  const history = v.safeParse(HistoryFile, document);
  if (!history.success) {
    const message = 'It is a history of runs, but not of a kind that this page reads.';
    throw new Failure('bundle-invalid', message);
  }
  const bundles: Bundle[] = [];
  for (const bundle of history.output.bundles) {
    const parsed = await settle(() => parseBundle(JSON.stringify(bundle)));
    if (parsed.ok) bundles.push(parsed.value);
  }
  return { bundles, unreadable: history.output.bundles.length - bundles.length };
}

function isHistory(document: unknown): boolean {
  return (
    typeof document === 'object' &&
    document !== null &&
    'format' in document &&
    document.format === FORMAT
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new Failure('bundle-invalid', 'It is not JSON, and a run is a JSON file.', { cause });
  }
}

function byteText(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}
