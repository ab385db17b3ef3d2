import { type Fault, faultArithmetic, faultPairing, FAULTS, HEALTHY, readAs } from './faults';
import { applyGuard, type Guard } from './guards';
import {
  emptyTables,
  fillRow,
  inverseFrequencies,
  type Pairing,
  type RopeConfig,
  type RotaryTables,
  rotaryTables,
  sameBits,
} from './rope';
import { attentionScaling, equivalentLength, rotatedDim } from './ropeConfig';

/** One lane of a comparison: the same model, weights and prompt, with its own `inv_freq`. */
export interface LaneSpec {
  readonly fault: Fault;
  readonly guard: Guard;
}

export const HEALTHY_LANE: LaneSpec = { fault: HEALTHY, guard: 'none' };

/** The most lanes that one batch takes. */
export const MAX_LANES = 8;

/** The frequencies of a lane's forward pass, after loading, fault and guard. */
export interface LoadedFrequencies {
  /** [rotaryDim / 2], radians per token. */
  readonly invFreq: Float32Array;
  /** What cos and sin are multiplied by. */
  readonly attentionFactor: number;
  readonly guardFired: boolean;
}

/** What a lane's forward pass sees, its frequencies being those of the prompt. */
export interface LaneRotation extends LoadedFrequencies {
  /** Which components turn together. */
  readonly pairing: Pairing;
  /** Do cos and sin equal the healthy ones bit for bit? */
  readonly tablesIdentical: boolean;
}

/** The tables of all lanes, one block of rows after the other. */
export interface StackedTables extends RotaryTables {
  /** Those of the sliding layers, row by row alike; null where all layers turn alike. */
  readonly local: RotaryTables | null;
  /** Rows of one lane: lane i at position p reads row i · maxPositions + p. */
  readonly maxPositions: number;
  /** One per lane. */
  readonly pairings: readonly Pairing[];
}

/** A rotation, and that of the sliding layers where it is another. */
export interface LayeredRope extends RopeConfig {
  readonly localRope?: RopeConfig | null;
}

/**
 * inv_freq of one lane: computed, then damaged by its fault, then perhaps mended by its guard.
 *
 * @param sequenceLength tokens of the text, for frequencies that depend on it
 */
export function laneFrequencies(
  { fault, guard }: LaneSpec,
  config: RopeConfig,
  sequenceLength?: number,
): LoadedFrequencies {
  const read = readAs(fault, config);
  const loaded = FAULTS[fault.kind].apply(
    inverseFrequencies(read, sequenceLength),
    fault.parameters,
  );
  const { invFreq, fired } = applyGuard(guard, loaded, () =>
    inverseFrequencies(config, sequenceLength),
  );
  return { invFreq, attentionFactor: attentionScaling(fired ? config : read), guardFired: fired };
}

/** cos and sin of one lane, all rows by the frequencies that it is given: those after loading and guard. */
export function laneTables(
  { fault }: LaneSpec,
  { invFreq, attentionFactor }: Pick<LoadedFrequencies, 'invFreq' | 'attentionFactor'>,
  maxPositions: number,
): RotaryTables {
  return rotaryTables(invFreq, maxPositions, { ...faultArithmetic(fault), attentionFactor });
}

/**
 * The rotations of all lanes, for `maxPositions` positions each, stacked into one pair of tables
 * [lanes · maxPositions, rotaryDim / 2], which is how one graph serves every lane of a batch.
 *
 * As transformers recomputes frequencies that depend on the text's length: in every forward, from the largest position so far.
 * So rows of the prompt share the prompt's, and each later row has those of the text up to itself.
 *
 * @param promptLength tokens that the first forward reads: all of them, unless given
 */
export function stackLanes(
  lanes: readonly LaneSpec[],
  config: LayeredRope,
  maxPositions: number,
  promptLength = maxPositions,
): { readonly rotations: readonly LaneRotation[]; readonly tables: StackedTables } {
  const { localRope = null } = config;
  const layout = { maxPositions, promptLength };
  const main = stackRope(lanes, config, layout);
  const local = localRope && stackRope(lanes, localRope, layout);
  const rotations = lanes.map((lane, i): LaneRotation => {
    const { fault } = lane;
    return {
      ...laneFrequencies(lane, config, lengthRead(fault, promptLength - 1, promptLength)),
      pairing: faultPairing(fault),
      tablesIdentical: (main.identical[i] ?? false) && (local?.identical[i] ?? true),
    };
  });
  const pairings = rotations.map(({ pairing }) => pairing);
  return {
    rotations,
    tables: { ...main.tables, local: local?.tables ?? null, maxPositions, pairings },
  };
}

interface Layout {
  readonly maxPositions: number;
  readonly promptLength: number;
}

/** The lanes' tables of one rotation, and of each lane whether they are the healthy ones bit for bit. */
function stackRope(lanes: readonly LaneSpec[], config: RopeConfig, layout: Layout) {
  const { maxPositions } = layout;
  const pairs = rotatedDim(config) / 2;
  const tables = emptyTables(lanes.length * maxPositions, pairs);
  const healthy = emptyTables(maxPositions, pairs);
  fillLane(healthy, 0, HEALTHY_LANE, config, layout);
  const identical = lanes.map((lane, i) => {
    const first = i * maxPositions;
    fillLane(tables, first, lane, config, layout);
    const block = [first * pairs, (first + maxPositions) * pairs] as const;
    return (
      sameBits(tables.cos.subarray(...block), healthy.cos) &&
      sameBits(tables.sin.subarray(...block), healthy.sin)
    );
  });
  return { tables, identical };
}

/** Writes the rows of one lane, from row `first` on. */
function fillLane(
  tables: RotaryTables,
  first: number,
  lane: LaneSpec,
  config: RopeConfig,
  { maxPositions, promptLength }: Layout,
): void {
  const { fault } = lane;
  let length = 0;
  let frequencies = laneFrequencies(lane, config);
  const arithmetic = faultArithmetic(fault);
  for (let p = 0; p < maxPositions; p++) {
    const needed = equivalentLength(config, lengthRead(fault, p, promptLength));
    if (needed !== length) {
      length = needed;
      frequencies = laneFrequencies(lane, config, length);
    }
    const { invFreq, attentionFactor } = frequencies;
    fillRow(tables, first + p, p, invFreq, { ...arithmetic, attentionFactor });
  }
}

/** The length of the text as the forward pass that reads position p sees it: the largest of its positions, and one. */
function lengthRead(fault: Fault, p: number, promptLength: number): number {
  const { position } = faultArithmetic(fault);
  return Math.max(position(promptLength - 1), position(p)) + 1;
}
