import type { LaneSpec } from '../src/core/lanes';
import type { RunMode } from '../src/protocol/engineApi';
import {
  type ArgumentTokens,
  count,
  lanesOf,
  modeNamed,
  pageAddress,
  parse,
  required,
  UsageError,
} from './options';
import { DEFAULT_BASE } from './usage';
import {
  isOfHub,
  MODEL_OPTIONS,
  optionalModel,
  requiredModel,
  type WantedModel,
} from './wantedModel';

export interface RunArguments {
  readonly model: WantedModel;
  readonly prompt: string;
  readonly lanes: readonly LaneSpec[];
  readonly maxNewTokens: number;
  readonly topK: number;
  readonly mode: RunMode;
  readonly json: boolean;
}

export interface LinkArguments extends RunArguments {
  /** Address of the page. */
  readonly base: string;
}

export interface ReproArguments {
  readonly linkOrFile: string;
  /** Undefined: the link's own. */
  readonly model: WantedModel | undefined;
  /** May the link's own model be fetched? */
  readonly download: boolean;
  readonly json: boolean;
}

export interface ExportArguments {
  readonly model: string;
  readonly out: string | undefined;
  readonly selfContained: boolean;
  readonly taps: boolean;
  readonly playground: boolean;
  readonly logits: 'last' | 'all';
}

const RUN_OPTIONS = {
  ...MODEL_OPTIONS,
  prompt: { type: 'string' },
  fault: { type: 'string', multiple: true },
  guard: { type: 'string', multiple: true },
  'max-new-tokens': { type: 'string' },
  'top-k': { type: 'string' },
  mode: { type: 'string' },
  json: { type: 'boolean' },
} as const;

export function parseRunArguments(args: readonly string[]): RunArguments {
  return runArguments(parse(args, RUN_OPTIONS));
}

export function parseLinkArguments(args: readonly string[]): LinkArguments {
  const parsed = parse(args, { ...RUN_OPTIONS, base: { type: 'string' } });
  const { base = DEFAULT_BASE } = parsed.values;
  return { ...runArguments(parsed), base: pageAddress(base) };
}

function runArguments({
  values,
  tokens,
}: {
  readonly values: Partial<Record<keyof typeof RUN_OPTIONS, unknown>> & { readonly mode?: string };
  readonly tokens: ArgumentTokens;
}): RunArguments {
  const lanes = lanesOf(tokens);
  const prompt = required(values.prompt, '--prompt');
  if (prompt.trim() === '') throw new UsageError('the prompt is empty');
  return {
    model: requiredModel(values),
    prompt,
    lanes,
    maxNewTokens: count(values['max-new-tokens'], '--max-new-tokens', 48),
    topK: count(values['top-k'], '--top-k', 5),
    mode: modeNamed(values.mode),
    json: values.json === true,
  };
}

export function parseReproArguments(args: readonly string[]): ReproArguments {
  const options = {
    ...MODEL_OPTIONS,
    download: { type: 'boolean' },
    json: { type: 'boolean' },
  } as const;
  const { values, positionals } = parse(args, options, { allowPositionals: true });
  const [linkOrFile, ...more] = positionals;
  if (linkOrFile === undefined) throw new UsageError('the link or the file is missing');
  if (more.length > 0)
    throw new UsageError(`one link at a time, not also ${JSON.stringify(more[0])}`);
  return {
    linkOrFile,
    model: optionalModel(values),
    download: values.download === true,
    json: values.json === true,
  };
}

export function parseExportArguments(args: readonly string[]): ExportArguments {
  const { values } = parse(args, {
    model: { type: 'string' },
    out: { type: 'string' },
    'self-contained': { type: 'boolean' },
    taps: { type: 'boolean' },
    playground: { type: 'boolean' },
    logits: { type: 'string' },
  });
  const logits = values.logits ?? 'last';
  if (logits !== 'last' && logits !== 'all') throw new UsageError('--logits is last or all');
  const model = required(values.model, '--model');
  if (isOfHub(model)) throw new UsageError('export takes a directory, not a model of a hub');
  return {
    model,
    out: typeof values.out === 'string' ? values.out : undefined,
    selfContained: values['self-contained'] === true,
    taps: values.taps === true,
    playground: values.playground === true,
    logits,
  };
}
