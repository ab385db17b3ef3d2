import { parseArgs, type ParseArgsConfig } from 'node:util';
import { type FaultKind, FAULTS } from '../src/core/faults';
import { faultUsage, parseFault } from '../src/core/faultText';
import { GUARDS, isGuard } from '../src/core/guards';
import { HEALTHY_LANE, type LaneSpec, MAX_LANES } from '../src/core/lanes';
import type { RunMode } from '../src/protocol/engineApi';

/** What the command line says is wrong, as opposed to what went wrong later. */
export class UsageError extends Error {}

const FAULT_LIST = Object.keys(FAULTS)
  .map((kind) => `                                ${faultUsage(kind as FaultKind)}`)
  .join('\n');

export const USAGE = `Usage:
  npm run --silent lab -- run --model DIR --prompt TEXT [options]
      --fault NAME[:PARAMETER=VALUE,...]
                              adds a lane with that fault; may be given again. There are:
${FAULT_LIST}
      --guard NAME            guard of the lane before it: ${Object.keys(GUARDS).join(', ')}
      --max-new-tokens N      48 unless given
      --mode MODE             free (each lane continues its own text), or teacher-forced (every lane reads the healthy
                              text; --json then gives kl, the KL(healthy || lane) of each step in nats)
      --top-k N               logits reported per step, 5 unless given
      --json                  one JSON document instead of the comparison
  npm run --silent lab -- export --model DIR [options]
      --out FILE              DIR/model.onnx unless given
      --self-contained        with the weights in the same file
      --taps                  also outputs q and k before and after the rotation
      --playground            the graph that the playground runs: q and k as one output, trace, and an input, pairing
      --logits last|all       of the last position (the default) or of every position
The healthy lane is always the first. DIR is a Hugging Face directory: config.json, model.safetensors, tokenizer.json.
Exit status: 0 done, 1 failed, 2 wrong arguments.
`;

export interface RunArguments {
  readonly model: string;
  readonly prompt: string;
  readonly lanes: readonly LaneSpec[];
  readonly maxNewTokens: number;
  readonly topK: number;
  readonly mode: RunMode;
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

export function parseRunArguments(args: readonly string[]): RunArguments {
  const { values, tokens } = parse(args, {
    model: { type: 'string' },
    prompt: { type: 'string' },
    fault: { type: 'string', multiple: true },
    guard: { type: 'string', multiple: true },
    'max-new-tokens': { type: 'string' },
    'top-k': { type: 'string' },
    mode: { type: 'string' },
    json: { type: 'boolean' },
  });
  const lanes = [HEALTHY_LANE];
  let guardable = false;
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    if (token.name === 'fault') {
      lanes.push({ fault: faultNamed(token.value), guard: 'none' });
      guardable = true;
    } else if (token.name === 'guard') {
      const lane = lanes.pop();
      if (!lane || !guardable)
        throw new UsageError('--guard belongs after the --fault that it guards');
      lanes.push({ fault: lane.fault, guard: guardNamed(token.value) });
      guardable = false;
    }
  }
  if (lanes.length > MAX_LANES) throw new UsageError(`at most ${MAX_LANES - 1} faults in one run`);
  const prompt = required(values.prompt, '--prompt');
  if (prompt.trim() === '') throw new UsageError('the prompt is empty');
  return {
    model: required(values.model, '--model'),
    prompt,
    lanes,
    maxNewTokens: count(values['max-new-tokens'], '--max-new-tokens', 48),
    topK: count(values['top-k'], '--top-k', 5),
    mode: modeNamed(values.mode),
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
  return {
    model: required(values.model, '--model'),
    out: typeof values.out === 'string' ? values.out : undefined,
    selfContained: values['self-contained'] === true,
    taps: values.taps === true,
    playground: values.playground === true,
    logits,
  };
}

function parse<T extends NonNullable<ParseArgsConfig['options']>>(
  args: readonly string[],
  options: T,
) {
  try {
    return parseArgs({ args: [...args], options, tokens: true, allowPositionals: false });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function required(value: unknown, name: string): string {
  if (typeof value !== 'string') throw new UsageError(`${name} is missing`);
  return value;
}

function count(value: unknown, name: string, otherwise: number): number {
  if (value === undefined) return otherwise;
  if (typeof value !== 'string' || !/^[1-9]\d{0,6}$/.test(value)) {
    throw new UsageError(`${name} is a whole number from 1, not ${JSON.stringify(value)}`);
  }
  return Number(value);
}

function modeNamed(text = 'free'): RunMode {
  if (text === 'free' || text === 'teacher-forced') return text;
  throw new UsageError(`--mode is free or teacher-forced, not ${JSON.stringify(text)}`);
}

function faultNamed(text = '') {
  const fault = parseFault(text);
  if (fault) return fault;
  const known = Object.keys(FAULTS)
    .map((kind) => faultUsage(kind as FaultKind))
    .join(', ');
  throw new UsageError(`there is no fault ${JSON.stringify(text)}; there are ${known}`);
}

function guardNamed(text = '') {
  if (isGuard(text)) return text;
  const known = Object.keys(GUARDS).join(', ');
  throw new UsageError(`there is no guard ${JSON.stringify(text)}; there are ${known}`);
}
