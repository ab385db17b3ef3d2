import { create, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import { commonPrefix } from '../core/divergence';
import { Failure } from '../core/errors';
import { formatFault, parseFault } from '../core/faultText';
import type { Guard } from '../core/guards';
import { MAX_LANES } from '../core/lanes';
import type { ExecutionProvider, RunMode, StopReason } from '../protocol/engineApi';
import { DEFAULT_HUB, type Packing } from '../protocol/models';
import {
  type Link,
  Link_ExecutionProvider,
  type Link_Expectation,
  Link_Guard,
  Link_Mode,
  type Link_Model,
  Link_Packing,
  Link_StopReason,
  Link_View,
  LinkSchema,
} from './proto/repro_pb';
import type {
  Expectation,
  ExpectedLane,
  Repro,
  ReproLane,
  ReproModel,
  ScoredId,
  View,
} from './repro';
import { packingOf } from './reproModel';
import { checkRepro } from './schema';
import { bitsFor, CARRIED_IDS, packIds, unpackIds } from './tokenIds';

const MODES: Readonly<Record<RunMode, Link_Mode>> = {
  free: Link_Mode.FREE,
  'teacher-forced': Link_Mode.TEACHER_FORCED,
};

const GUARDS: Readonly<Record<Guard, Link_Guard>> = {
  none: Link_Guard.NONE,
  patch5: Link_Guard.PATCH5,
  refill: Link_Guard.REFILL,
};

const VIEWS: Readonly<Record<View, Link_View>> = {
  frequencies: Link_View.FREQUENCIES,
  dials: Link_View.DIALS,
  tables: Link_View.TABLES,
  'queries-and-keys': Link_View.QUERIES_AND_KEYS,
  attention: Link_View.ATTENTION,
  logits: Link_View.LOGITS,
  dose: Link_View.DOSE,
};

const PROVIDERS: Readonly<Record<ExecutionProvider, Link_ExecutionProvider>> = {
  wasm: Link_ExecutionProvider.WASM,
  webgpu: Link_ExecutionProvider.WEBGPU,
};

const STOP_REASONS: Readonly<Record<StopReason, Link_StopReason>> = {
  length: Link_StopReason.LENGTH,
  eos: Link_StopReason.EOS,
  cancelled: Link_StopReason.CANCELLED,
  'non-finite': Link_StopReason.NON_FINITE,
};

const PACKINGS: Readonly<Record<Packing, Link_Packing>> = {
  keep: Link_Packing.KEEP,
  float16: Link_Packing.FLOAT16,
  int4: Link_Packing.INT4,
};

/** The bytes of what a link carries, which `checkRepro` has found valid and whose parts are in a link's short forms. */
export function encodeRepro(repro: Repro): Uint8Array {
  const { model, prompt, mode, maxNewTokens, view, pinnedStep, expectation } = repro;
  const message = create(LinkSchema, {
    model: modelMessage(model),
    prompt,
    lanes: repro.lanes.map(({ name, fault, guard }) => {
      const text = formatFault(fault);
      return { name, fault: text === 'none' ? '' : text, guard: GUARDS[guard] };
    }),
    mode: MODES[mode],
    maxNewTokens,
    view: view === null ? Link_View.NONE : VIEWS[view],
    ...(pinnedStep === null ? {} : { pinnedStep }),
    ...(expectation && { expectation: expectationMessage(expectation, maxNewTokens) }),
  });
  return toBinary(LinkSchema, message);
}

function modelMessage(model: ReproModel) {
  const { id, sha256, hub = DEFAULT_HUB, commit = '', bytes = 0 } = model;
  return {
    id,
    sha256: hexToBytes(sha256),
    commit: hexToBytes(commit),
    hub: hub === DEFAULT_HUB ? '' : hub,
    packing: PACKINGS[packingOf(model)],
    bytes: BigInt(bytes),
  } satisfies MessageInitShape<typeof LinkSchema>['model'];
}

function readModel({ id, sha256, commit, hub, packing: number, bytes }: Link_Model): ReproModel {
  const packing = nameOf(PACKINGS, number);
  const ofHub = commit.byteLength > 0 || hub !== '';
  return {
    id,
    sha256: bytesToHex(sha256),
    ...(ofHub && { hub: hub === '' ? DEFAULT_HUB : hub, commit: bytesToHex(commit) }),
    ...(packing !== 'keep' && { packing }),
    ...(bytes > 0n && { bytes: Number(bytes) }),
  };
}

function expectationMessage({ lanes, divergence, ...made }: Expectation, maxNewTokens: number) {
  const idBits = bitsFor(lanes.flatMap(({ ids }) => ids));
  const first = lanes[0]?.ids ?? [];
  return {
    lanes: lanes.map(({ ids, length, digest, stopped }, lane) => {
      const common = lane === 0 ? 0 : commonPrefix(first, ids);
      return {
        missing: maxNewTokens - length,
        common,
        ids: packIds(ids.slice(common), idBits),
        digest: digest === null ? new Uint8Array() : hexToBytes(digest),
        stopped: STOP_REASONS[stopped],
      };
    }),
    ...(divergence && {
      divergence: {
        step: divergence.step,
        firstIds: divergence.tops[0].map(({ id }) => id),
        firstLogits: divergence.tops[0].map(({ logit }) => logit),
        secondIds: divergence.tops[1].map(({ id }) => id),
        secondLogits: divergence.tops[1].map(({ logit }) => logit),
      },
    }),
    executionProvider: PROVIDERS[made.executionProvider],
    appVersion: made.appVersion,
    idBits,
  } satisfies MessageInitShape<typeof LinkSchema>['expectation'];
}

/**
 * Reads those bytes, and checks every bound.
 * @throws Failure link-invalid
 */
export function decodeRepro(bytes: Uint8Array): Repro {
  const { model, prompt, lanes, mode, maxNewTokens, view, pinnedStep, expectation } = read(bytes);
  if (!model) throw invalid('it names no model');
  if (lanes.length > MAX_LANES) throw invalid(`it has ${lanes.length} lanes`);
  return checkRepro({
    model: readModel(model),
    prompt,
    lanes: lanes.map(({ name, fault: text, guard }): ReproLane => {
      const fault = text.length > LONGEST_FAULT ? undefined : parseFault(text || 'none');
      if (!fault) throw invalid('it has a fault that is not known');
      return { name, fault, guard: nameOf(GUARDS, guard) };
    }),
    mode: nameOf(MODES, mode),
    maxNewTokens,
    view: view === Link_View.NONE ? null : nameOf(VIEWS, view),
    pinnedStep: pinnedStep ?? null,
    expectation: expectation ? readExpectation(expectation, maxNewTokens) : null,
  });
}

const LONGEST_FAULT = 200;

function read(bytes: Uint8Array): Link {
  try {
    return fromBinary(LinkSchema, bytes, { readUnknownFields: false });
  } catch (cause) {
    throw new Failure('link-invalid', 'The link is damaged: its parts do not fit.', { cause });
  }
}

function readExpectation(message: Link_Expectation, maxNewTokens: number): Expectation {
  if (message.lanes.length > MAX_LANES) throw invalid(`it expects ${message.lanes.length} lanes`);
  let first: readonly number[] = [];
  const lanes = message.lanes.map(({ missing, common, ids, digest, stopped }, lane) => {
    const length = maxNewTokens - missing;
    const carried = Math.min(length, CARRIED_IDS);
    const own =
      common <= Math.min(carried, first.length)
        ? unpackIds(ids, carried - common, message.idBits)
        : undefined;
    if (!own) throw invalid('it has token ids that cannot be read');
    const all = [...first.slice(0, common), ...own];
    if (lane === 0) first = all;
    return {
      ids: all,
      length,
      digest: digest.byteLength === 0 ? null : bytesToHex(digest),
      stopped: nameOf(STOP_REASONS, stopped),
    } satisfies ExpectedLane;
  });
  const { divergence } = message;
  return {
    lanes,
    divergence: divergence
      ? {
          step: divergence.step,
          tops: [
            scoredIds(divergence.firstIds, divergence.firstLogits),
            scoredIds(divergence.secondIds, divergence.secondLogits),
          ],
        }
      : null,
    executionProvider: nameOf(PROVIDERS, message.executionProvider),
    appVersion: message.appVersion,
  };
}

function scoredIds(ids: readonly number[], logits: readonly number[]): ScoredId[] {
  if (ids.length !== logits.length || ids.length > 2)
    throw invalid('it has logits without a token');
  return ids.map((id, index) => ({ id, logit: logits[index] ?? Number.NaN }));
}

function nameOf<T extends string>(numbers: Readonly<Record<T, number>>, number: number): T {
  const name = (Object.keys(numbers) as T[]).find((candidate) => numbers[candidate] === number);
  if (name === undefined) throw invalid('it says something that this version does not know');
  return name;
}

function invalid(what: string): Failure {
  return new Failure('link-invalid', `The link is not valid: ${what}.`);
}
