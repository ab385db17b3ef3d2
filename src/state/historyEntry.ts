import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import * as v from 'valibot';
import { firstDivergence } from '../core/divergence';
import { type FaultKind, FAULTS, valueOf } from '../core/faults';
import { formatFault, isFault } from '../core/faultText';
import { type LaneSpec, MAX_LANES } from '../core/lanes';
import { settingsOf } from '../repro/expectation';
import type { FinishedRun } from '../repro/repro';
import { SHORT_HASH } from '../repro/reproModel';
import { executionProvider, guard, laneName, modelId, runMode } from '../repro/schema';

/** Characters of a prompt that the list has, and finds it by. */
const SHOWN_PROMPT = 20_000;

/** Of a Date. */
const LAST_MILLISECOND = 8.64e15;

const count = v.pipe(v.number(), v.integer(), v.minValue(0));

const StoredLane = v.object({
  name: laneName,
  fault: v.pipe(
    v.object({
      kind: v.picklist(Object.keys(FAULTS) as FaultKind[]),
      parameters: v.exactOptional(v.record(v.string(), v.number())),
    }),
    v.check(isFault),
  ),
  guard,
  /** Tokens generated. */
  tokens: count,
  /** Index of the first generated token at which it parts from the first lane; null if it does not. */
  parts: v.nullable(count),
});

/** What the list shows of a run, and what it is found by. The run itself, and so its link, is in its bundle. */
const StoredEntry = v.object({
  /** The same for the same settings with the same ids, wherever they ran and whatever the lanes are called. */
  key: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  /** Milliseconds since 1970. */
  at: v.pipe(v.number(), v.minValue(0), v.maxValue(LAST_MILLISECOND)),
  /** Is it the one that the run on screen is compared with? */
  pinned: v.boolean(),
  /** Characters of its bundle, as JSON. */
  size: count,
  model: v.object({ id: modelId, sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{16}$/)) }),
  prompt: v.pipe(v.string(), v.maxLength(SHOWN_PROMPT)),
  mode: runMode,
  executionProvider,
  lanes: v.pipe(v.array(StoredLane), v.minLength(1), v.maxLength(MAX_LANES)),
});

type Deep<T> = T extends object ? { readonly [K in keyof T]: Deep<T[K]> } : T;

export type HistoryEntry = Deep<v.InferOutput<typeof StoredEntry>>;
export type EntryLane = HistoryEntry['lanes'][number];

/** An entry as storage gives it; null if it is none. */
export function readEntry(stored: unknown): HistoryEntry | null {
  const parsed = v.safeParse(StoredEntry, stored);
  return parsed.success ? parsed.output : null;
}

/** What the list shows of a run that is kept. */
export function entryOf(
  run: FinishedRun,
  kept: Pick<HistoryEntry, 'at' | 'size' | 'pinned'>,
): HistoryEntry {
  const { model, prompt, lanes, mode } = settingsOf(run);
  return {
    ...kept,
    key: keyOf(run),
    model: { id: model.id, sha256: model.sha256.slice(0, SHORT_HASH) },
    prompt: prompt.slice(0, SHOWN_PROMPT),
    mode,
    executionProvider: run.executionProvider,
    lanes: lanes.map((lane, i) => ({
      ...lane,
      tokens: run.results[i]?.ids.length ?? 0,
      parts: i === 0 ? null : partingOf(run.results[0], run.results[i]),
    })),
  };
}

/** SHA-256 of what makes the run and of what it said. */
export function keyOf(run: FinishedRun): string {
  const { model, prompt, lanes, mode, maxNewTokens } = settingsOf(run);
  const identity = [
    model.sha256.slice(0, SHORT_HASH),
    prompt,
    lanes.map(laneIdentity),
    mode,
    maxNewTokens,
    run.results.map(({ ids }) => ids),
    ...(model.packing === undefined ? [] : [model.packing]),
  ];
  return bytesToHex(sha256(utf8ToBytes(JSON.stringify(identity))));
}

/** Fault with all its parameters, and guard: the same for lanes that compute the same. */
export function laneIdentity({ fault, guard }: LaneSpec): string {
  const parameters = Object.fromEntries(
    FAULTS[fault.kind].parameters.map((parameter) => [
      parameter.name,
      valueOf(parameter, fault.parameters),
    ]),
  );
  return `${formatFault({ kind: fault.kind, parameters })} ${guard}`;
}

/** What a lane lacks counts only if it ended by itself: neither a limit nor the visitor says what comes next. */
export function partingOf(a: LaneEnd | undefined, b: LaneEnd | undefined): number | null {
  if (a === undefined || b === undefined) return null;
  const { stopped } = a.ids.length <= b.ids.length ? a : b;
  return firstDivergence(a.ids, b.ids, { ended: stopped === 'eos' || stopped === 'non-finite' });
}

type LaneEnd = Pick<FinishedRun['results'][number], 'ids' | 'stopped'>;
