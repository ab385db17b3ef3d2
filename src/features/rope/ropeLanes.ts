import { faultPairing } from '../../core/faults';
import {
  laneFrequencies,
  type LaneSpec,
  laneTables,
  type LoadedFrequencies,
} from '../../core/lanes';
import type { Pairing, RopeConfig, RotaryTables } from '../../core/rope';

/** A lane as these views take it. Its index gives it its colour and shape. */
export interface RopeLane {
  readonly name: string;
  readonly index: number;
  readonly spec: LaneSpec;
}

/** What every view of this folder is drawn from. Nothing here needs the model, only its configuration. */
export interface RopeViewProps {
  /** The first is the lane that the others are compared with. */
  readonly lanes: readonly RopeLane[];
  readonly config: RopeConfig;
  /** Of the run: prompt and generated tokens. */
  readonly positions: number;
  /** What the numbers are from, for the names of files: the model, the prompt. */
  readonly source: readonly string[];
}

/** The frequencies are those of a text within the length that the model was trained for. */
export interface LaneFrequencies extends RopeLane, LoadedFrequencies {
  readonly pairing: Pairing;
}

export interface LaneTables extends LaneFrequencies {
  readonly tables: RotaryTables;
}

/** inv_freq of every lane, as its forward pass sees it. */
export function withFrequencies(
  lanes: readonly RopeLane[],
  config: RopeConfig,
): readonly LaneFrequencies[] {
  return lanes.map((lane) => ({
    ...lane,
    ...laneFrequencies(lane.spec, config),
    pairing: faultPairing(lane.spec.fault),
  }));
}

/** cos and sin of every lane, so that faults of the tables show as well as faults of inv_freq. */
export function withTables(
  lanes: readonly RopeLane[],
  config: RopeConfig,
  positions: number,
): readonly LaneTables[] {
  return withFrequencies(lanes, config).map((lane) => ({
    ...lane,
    tables: laneTables(lane.spec, lane, positions),
  }));
}

/** Tokens after which a pair has turned once: 2π / |inv_freq|. Infinite for a pair that does not turn. */
export function wavelength(invFreq: number): number {
  return (2 * Math.PI) / Math.abs(invFreq);
}
