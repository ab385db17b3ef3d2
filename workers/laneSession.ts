import type { StackedTables } from '../src/core/lanes';
import type { KeyValueCache, RunTables, StepInput, StepOutput } from './session';

/** A decoder that lanes run on, one step at a time. */
export interface LaneSession {
  /** Do its steps give queries and keys? */
  readonly traced: boolean;
  /** @throws Failure if the graph cannot express a lane's rotation */
  tables(stacked: StackedTables): RunTables;
  emptyCache(lanes: number): KeyValueCache;
  /** Runs the lanes' next tokens. Takes over `cache`: use the one it gives. */
  forward(step: StepInput, tables: RunTables, cache: KeyValueCache): Promise<StepOutput>;
  /** The caches of single lanes, of one length, as one. Takes them over. */
  stack(caches: readonly KeyValueCache[]): Promise<KeyValueCache>;
  release(): Promise<void>;
}
