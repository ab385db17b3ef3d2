import { parseArgs, type ParseArgsConfig } from 'node:util';
import { type Fault, type FaultKind, FAULTS } from '../src/core/faults';
import { faultUsage, parseFault } from '../src/core/faultText';
import { type Guard, GUARDS, isGuard } from '../src/core/guards';
import { HEALTHY_LANE, type LaneSpec, MAX_LANES } from '../src/core/lanes';
import type { RunMode } from '../src/protocol/engineApi';

/** What the command line says is wrong, as opposed to what went wrong later. */
export class UsageError extends Error {}

type Options = NonNullable<ParseArgsConfig['options']>;

export function parse<T extends Options>(
  args: readonly string[],
  options: T,
  { allowPositionals = false }: { readonly allowPositionals?: boolean } = {},
) {
  try {
    return parseArgs({ args: [...args], options, tokens: true, allowPositionals });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** What `parseArgs` says of each argument, in order. */
export type ArgumentTokens = readonly {
  readonly kind: string;
  readonly name?: string;
  readonly value?: string | undefined;
}[];

/** The lanes of `--fault` and `--guard`, in the order in which they were given, after a healthy one. */
export function lanesOf(tokens: ArgumentTokens): LaneSpec[] {
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
  return lanes;
}

export function required(value: unknown, name: string): string {
  if (typeof value !== 'string') throw new UsageError(`${name} is missing`);
  return value;
}

export function count(value: unknown, name: string, otherwise: number): number {
  if (value === undefined) return otherwise;
  if (typeof value !== 'string' || !/^[1-9]\d{0,6}$/.test(value)) {
    throw new UsageError(`${name} is a whole number from 1, not ${JSON.stringify(value)}`);
  }
  return Number(value);
}

export function modeNamed(text = 'free'): RunMode {
  if (text === 'free' || text === 'teacher-forced') return text;
  throw new UsageError(`--mode is free or teacher-forced, not ${JSON.stringify(text)}`);
}

/** Where the page is: an address that a browser opens. */
export function pageAddress(text: string): string {
  const { protocol } = URL.canParse(text) ? new URL(text) : { protocol: '' };
  if (protocol === 'http:' || protocol === 'https:') return text;
  throw new UsageError(
    `--base is the address of the page, http or https, not ${JSON.stringify(text)}`,
  );
}

function faultNamed(text = ''): Fault {
  const fault = parseFault(text);
  if (fault) return fault;
  const known = Object.keys(FAULTS)
    .map((kind) => faultUsage(kind as FaultKind))
    .join(', ');
  throw new UsageError(`there is no fault ${JSON.stringify(text)}; there are ${known}`);
}

function guardNamed(text = ''): Guard {
  if (isGuard(text)) return text;
  const known = Object.keys(GUARDS).join(', ');
  throw new UsageError(`there is no guard ${JSON.stringify(text)}; there are ${known}`);
}
