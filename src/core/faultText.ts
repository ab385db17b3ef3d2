import { type Fault, type FaultKind, type FaultParameter, FAULTS } from './faults';

/**
 * Reads a fault as it is written on a command line and in a link: `zero`, `scaled:alpha=0.5`, `band:fastest=4,slowest=2`.
 * @returns undefined for an unknown name, an unknown parameter, or a value outside its bounds
 */
export function parseFault(text: string): Fault | undefined {
  const [kind = '', list, ...rest] = text.split(':');
  if (!isFaultKind(kind) || rest.length > 0) return undefined;
  if (list === undefined) return { kind };
  const parameters: Record<string, number> = {};
  for (const part of list.split(',')) {
    const [name = '', value = '', ...more] = part.split('=');
    if (more.length > 0 || Object.hasOwn(parameters, name)) return undefined;
    if (!/^-?\d+(\.\d+)?(e-?\d+)?$/i.test(value)) return undefined;
    parameters[name] = Number(value);
  }
  const fault = { kind, parameters };
  return isFault(fault) ? fault : undefined;
}

export function formatFault({ kind, parameters = {} }: Fault): string {
  const list = Object.entries(parameters).map(([name, value]) => `${name}=${value}`);
  return list.length === 0 ? kind : `${kind}:${list.join(',')}`;
}

/** How a fault may be written, with the bounds of its parameters: `scaled:alpha=0..1`. */
export function faultUsage(kind: FaultKind): string {
  const list = FAULTS[kind].parameters.map(({ name, min, max }) => `${name}=${min}..${max}`);
  return list.length === 0 ? kind : `${kind}[:${list.join(',')}]`;
}

/** A known kind, with parameters that it has, within their bounds. For data that comes from elsewhere. */
export function isFault({ kind, parameters = {} }: Fault): boolean {
  if (!isFaultKind(kind)) return false;
  const known = FAULTS[kind].parameters;
  return Object.entries(parameters).every(([name, value]) => {
    const parameter = known.find((candidate) => candidate.name === name);
    return parameter !== undefined && withinBounds(parameter, value);
  });
}

export function withinBounds({ min, max, integer }: FaultParameter, value: number): boolean {
  return value >= min && value <= max && (!integer || Number.isInteger(value));
}

function isFaultKind(text: string): text is FaultKind {
  return Object.hasOwn(FAULTS, text);
}
