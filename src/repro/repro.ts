import type { LaneSpec } from '../core/lanes';
import type { ExecutionProvider, RunMode, StopReason } from '../protocol/engineApi';
import type { Packing } from '../protocol/models';

/** The views that a link can open, by the names that links carry: they never change. */
export const VIEWS = [
  'frequencies',
  'dials',
  'tables',
  'queries-and-keys',
  'attention',
  'logits',
  'dose',
] as const;

export type View = (typeof VIEWS)[number];

export interface ReproLane extends LaneSpec {
  /** What the visitor calls it; empty for a lane that goes by its fault. */
  readonly name: string;
}

/** On which model a run was made, and where that can be had. */
export interface ReproModel {
  /** Its name, for people; owner/name for a model of a hub. */
  readonly id: string;
  /** SHA-256 of the weights, lower-case hexadecimal: 64 digits, or the 16 first ones, which are what a link carries. */
  readonly sha256: string;
  /** Address of its hub, without a '/' at its end; absent for a model of no hub. */
  readonly hub?: string;
  /** Of its repository there, 40 lower-case hexadecimal digits; where there is a hub, and only there. */
  readonly commit?: string;
  /** How its weights were held, which tells in every number. Absent: as they are stored. */
  readonly packing?: Exclude<Packing, 'keep'>;
  /** What there is to fetch of it, where the link was made; absent where nobody has said. */
  readonly bytes?: number;
}

/** What makes a run, and nothing of what came of it. */
export interface ReproRun {
  readonly model: ReproModel;
  readonly prompt: string;
  /** 1 to 8; the first is healthy. */
  readonly lanes: readonly ReproLane[];
  readonly mode: RunMode;
  readonly maxNewTokens: number;
}

/** One token's logit. */
export interface ScoredId {
  readonly id: number;
  readonly logit: number;
}

/** What one lane said where the link was made. */
export interface ExpectedLane {
  /** The tokens that it chose: all, or the first of them. */
  readonly ids: readonly number[];
  /** How many it chose. */
  readonly length: number;
  /** Of all its ids, if `ids` holds only the first of them; else null. */
  readonly digest: string | null;
  readonly stopped: StopReason;
}

/** Where lane 0 and lane 1 part, and by how much each preferred its own token. */
export interface ExpectedDivergence {
  /** Index of the first generated token that differs. */
  readonly step: number;
  /** Lane 0 and lane 1: the two highest logits there; fewer for a lane that had ended. The margin is their difference. */
  readonly tops: readonly [readonly ScoredId[], readonly ScoredId[]];
}

/** What came of a run where the link was made. */
export interface Expectation {
  /** One per lane. */
  readonly lanes: readonly ExpectedLane[];
  /** Null if they agree, or if there is one lane. */
  readonly divergence: ExpectedDivergence | null;
  readonly executionProvider: ExecutionProvider;
  /** Of this project, as package.json has it. */
  readonly appVersion: string;
}

/** A run that somebody else can make, and what to expect of it. What a link carries. */
export interface Repro extends ReproRun {
  /** The view to open, and the step that is pinned in it. */
  readonly view: View | null;
  readonly pinnedStep: number | null;
  /** Null for settings that nobody has run. */
  readonly expectation: Expectation | null;
}

/** A run that has ended, as page and command line know it. */
export interface FinishedRun extends ReproRun {
  readonly executionProvider: ExecutionProvider;
  readonly promptIds: readonly number[];
  readonly results: readonly {
    readonly ids: readonly number[];
    readonly text: string;
    readonly stopped: StopReason;
    /** One per id: the highest logits, highest first. */
    readonly steps: readonly {
      readonly top: readonly (ScoredId & { readonly token: string })[];
    }[];
  }[];
}
