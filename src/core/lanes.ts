import { type Fault, faultArithmetic, faultPairing, FAULTS, HEALTHY } from './faults';
import { applyGuard, type Guard } from './guards';
import {
  inverseFrequencies,
  type Pairing,
  type RopeConfig,
  type RotaryTables,
  rotaryTables,
  sameBits,
} from './rope';

/** One lane of a comparison: the same model, weights and prompt, with its own `inv_freq`. */
export interface LaneSpec {
  readonly fault: Fault;
  readonly guard: Guard;
}

export const HEALTHY_LANE: LaneSpec = { fault: HEALTHY, guard: 'none' };

/** The most lanes that one batch takes. */
export const MAX_LANES = 8;

/** What a lane's forward pass sees after loading, fault and guard. */
export interface LaneRotation {
  /** [headDim / 2], radians per token. */
  readonly invFreq: Float32Array;
  readonly guardFired: boolean;
  /** Which components turn together. */
  readonly pairing: Pairing;
  /** Do cos and sin equal the healthy ones bit for bit? */
  readonly tablesIdentical: boolean;
}

/** The tables of all lanes, one block of rows after the other. */
export interface StackedTables extends RotaryTables {
  /** Rows of one lane: lane i at position p reads row i · maxPositions + p. */
  readonly maxPositions: number;
  /** One per lane. */
  readonly pairings: readonly Pairing[];
}

/** inv_freq of one lane: computed, then damaged by its fault, then perhaps mended by its guard. */
export function laneFrequencies({ fault, guard }: LaneSpec, config: RopeConfig) {
  const healthy = inverseFrequencies(config);
  const loaded = FAULTS[fault.kind].apply(healthy, fault.parameters);
  return applyGuard(guard, loaded, () => healthy);
}

/** cos and sin of one lane, from the frequencies that it has after loading and guard. */
export function laneTables(
  { fault }: LaneSpec,
  invFreq: Float32Array,
  maxPositions: number,
): RotaryTables {
  return rotaryTables(invFreq, maxPositions, faultArithmetic(fault));
}

/**
 * The rotations of all lanes, for `maxPositions` positions each, stacked into one pair of tables
 * [lanes · maxPositions, headDim / 2], which is how one graph serves every lane of a batch.
 */
export function stackLanes(
  lanes: readonly LaneSpec[],
  config: RopeConfig,
  maxPositions: number,
): { readonly rotations: readonly LaneRotation[]; readonly tables: StackedTables } {
  const pairs = config.headDim / 2;
  const positions = lanes.length * maxPositions;
  const cos = new Float32Array(positions * pairs);
  const sin = new Float32Array(positions * pairs);
  const healthy = rotaryTables(inverseFrequencies(config), maxPositions);
  const rotations = lanes.map((lane, i): LaneRotation => {
    const { invFreq, fired } = laneFrequencies(lane, config);
    const tables = laneTables(lane, invFreq, maxPositions);
    cos.set(tables.cos, i * maxPositions * pairs);
    sin.set(tables.sin, i * maxPositions * pairs);
    return {
      invFreq,
      guardFired: fired,
      pairing: faultPairing(lane.fault),
      tablesIdentical: sameBits(tables.cos, healthy.cos) && sameBits(tables.sin, healthy.sin),
    };
  });
  const pairings = rotations.map(({ pairing }) => pairing);
  return {
    rotations,
    tables: { positions, pairs, cos, sin, maxPositions, pairings },
  };
}
