import { resolve } from 'node:path';
import { toAppError } from '../src/core/errors';
import {
  DEFAULT_HUB,
  DEFAULT_REVISION,
  type ModelReference,
  type Packing,
  PACKINGS,
} from '../src/protocol/models';
import { isRepositoryId } from '../src/repro/hub';
import { checkHubAddress, checkHubReference } from '../workers/hub/hubAddress';
import { required, UsageError } from './options';

/** A model that the command line names. */
export interface WantedModel {
  readonly reference: Exclude<ModelReference, { kind: 'files' }>;
  /** How its weights are to be held. Undefined: as suits this machine. */
  readonly packing?: Packing | undefined;
}

export const MODEL_OPTIONS = {
  model: { type: 'string' },
  onnx: { type: 'string' },
  hub: { type: 'string' },
  packing: { type: 'string' },
} as const;

type ModelValues = Readonly<Partial<Record<keyof typeof MODEL_OPTIONS, unknown>>>;

const PREFIX = 'hub:';

export function directoryModel(directory: string): WantedModel {
  return { reference: { kind: 'directory', location: resolve(directory) } };
}

export function isOfHub(model: string): boolean {
  return model.startsWith(PREFIX);
}

/** @throws UsageError */
export function requiredModel(values: ModelValues): WantedModel {
  const { hub, onnx } = values;
  if (typeof onnx === 'string') return exportModel(onnx, values);
  const model = required(values.model, '--model');
  const packing = packingNamed(values.packing);
  if (isOfHub(model)) return { reference: hubModel(model, hub), packing };
  if (hub !== undefined) throw new UsageError('--hub belongs to --model hub:OWNER/NAME');
  return { ...directoryModel(model), packing };
}

/**
 * Undefined if none is named; then nothing may be said of it.
 * @throws UsageError
 */
export function optionalModel(values: ModelValues): WantedModel | undefined {
  if (values.model !== undefined || values.onnx !== undefined) return requiredModel(values);
  for (const name of ['hub', 'packing'] as const) {
    if (values[name] !== undefined) throw new UsageError(`--${name} belongs to --model`);
  }
  return undefined;
}

/** An ONNX export. Its tokenizer.json is beside it, or in the directory of `--model`. */
function exportModel(file: string, { model, hub, packing }: ModelValues): WantedModel {
  if (!file.endsWith('.onnx')) {
    throw new UsageError(`--onnx takes a file that ends in .onnx, not ${JSON.stringify(file)}`);
  }
  if (hub !== undefined || packing !== undefined) {
    throw new UsageError('an ONNX export is run as it is: --hub and --packing are not for it');
  }
  const reference = { kind: 'directory', location: resolve(file) } as const;
  if (typeof model !== 'string') return { reference };
  if (isOfHub(model)) throw new UsageError('beside --onnx, --model takes a directory');
  return { reference: { ...reference, companion: resolve(model) } };
}

function hubModel(model: string, hub: unknown): WantedModel['reference'] {
  const [id = '', ...revision] = model.slice(PREFIX.length).split('@');
  if (!isRepositoryId(id)) {
    throw new UsageError(
      `a model of a hub is hub:OWNER/NAME or hub:OWNER/NAME@REVISION, not ${JSON.stringify(model)}`,
    );
  }
  return orUsageError('', () =>
    checkHubReference({
      kind: 'hub',
      hub: hubAddress(hub),
      id,
      revision: revision.length === 0 ? DEFAULT_REVISION : revision.join('@'),
    }),
  );
}

/** `--hub`, or what the hub's own client takes, or the default. */
function hubAddress(given: unknown): string {
  if (typeof given === 'string') return orUsageError('--hub: ', () => checkHubAddress(given));
  const { HF_ENDPOINT } = process.env;
  if (!HF_ENDPOINT) return DEFAULT_HUB;
  return orUsageError('HF_ENDPOINT: ', () => checkHubAddress(HF_ENDPOINT));
}

function packingNamed(text: unknown): Packing | undefined {
  if (text === undefined) return undefined;
  const packing = PACKINGS.find((candidate) => candidate === text);
  if (packing) return packing;
  throw new UsageError(`--packing is ${PACKINGS.join(', ')}, not ${JSON.stringify(text)}`);
}

/** What cannot be asked for is a wrong argument here. */
function orUsageError<T>(what: string, check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${what}${toAppError(error).message.replace(/\.$/, '')}`);
  }
}
