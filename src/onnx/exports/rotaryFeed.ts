import { Failure } from '../../core/errors';
import type { RotaryTables } from '../../core/rope';
import {
  floatType,
  type FloatType,
  floatValues,
  type ReadExternal,
  shapeOf,
} from './constantValues';
import type { GraphIndex } from './graphIndex';
import type { RotarySource } from './rotarySource';
import { type RecoveredFrequencies, recoverFrequencies, reproduces } from './tableFrequencies';

/** What an edited graph is fed under one name. */
export interface FedConstant {
  readonly name: string;
  readonly type: FloatType;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** A source of rotation with its own values: what the healthy lane is fed. */
export interface RotaryFeed {
  readonly source: RotarySource;
  readonly own: readonly FedConstant[];
  /** Rows that the tables have; undefined for a vector, which has no end. */
  readonly positions: number | undefined;
  readonly recovered: RecoveredFrequencies;
}

/** An entry of cos or sin may be off by so much, as it is stored. */
const TOLERANCE = { float32: 1e-4, float16: 2e-3 } as const;
/** Rows of tables that are held against the frequencies. */
const CHECKED_ROWS = 1024;

/**
 * Reads a source's values, and the frequencies that they come from.
 *
 * @throws Failure onnx-no-rotary if tables are not those of one vector of frequencies
 */
export function readRotaryFeed(
  source: RotarySource,
  index: GraphIndex,
  external: ReadExternal,
): RotaryFeed {
  const read = (name: string): FedConstant => {
    const tensor = index.anywhere(name);
    const type = tensor && floatType(tensor.dataType);
    if (!type) throw new Failure('onnx-no-rotary', `${name} is neither float32 nor float16.`);
    return { name, type, shape: shapeOf(tensor), values: floatValues(tensor, external) };
  };
  if (source.kind === 'frequencies') {
    const own = read(source.invFreq);
    const recovered = { invFreq: own.values, attentionFactor: 1 };
    return { source, own: [own], positions: undefined, recovered };
  }
  const [cos, sin] = [read(source.cos), read(source.sin)];
  const columns = cos.shape.at(-1) ?? 0;
  const positions = cos.values.length / columns;
  const doubled = isDoubled(cos.values, columns);
  const pairs = doubled ? columns / 2 : columns;
  const rows = Math.min(positions, CHECKED_ROWS);
  const tables: RotaryTables = {
    positions: rows,
    pairs,
    cos: firstColumns(cos.values, columns, pairs, rows),
    sin: firstColumns(sin.values, columns, pairs, rows),
  };
  const recovered = recoverFrequencies(tables);
  if (
    positions < 2 ||
    sin.values.length !== cos.values.length ||
    !reproduces(recovered, tables, TOLERANCE[cos.type])
  ) {
    throw new Failure(
      'onnx-no-rotary',
      `${cos.name} and ${sin.name} are not the cosines and sines of positions times one vector of frequencies.`,
    );
  }
  return { source, own: [cos, sin], positions, recovered };
}

/**
 * What the graph is fed for a lane that is not healthy: its tables, in the graph's shape, or the vector that gives them.
 *
 * @param healthy the healthy lane's tables, of as many rows
 * @throws Failure lanes-invalid if a vector cannot give the lane's tables
 */
export function damagedFeed(
  feed: RotaryFeed,
  lane: RotaryTables,
  healthy: RotaryTables,
): FedConstant[] {
  const [first, second] = feed.own;
  if (!first) return [];
  if (!second) {
    const { invFreq, attentionFactor } = recoverFrequencies(lane);
    const usual = recoverFrequencies(healthy).attentionFactor;
    const found = { invFreq, attentionFactor: usual };
    if (Number.isFinite(attentionFactor) && reproduces(found, lane, TOLERANCE.float32)) {
      return [{ ...first, values: invFreq }];
    }
    if (invFreq.some(Number.isNaN)) return [{ ...first, values: invFreq }];
    throw new Failure(
      'lanes-invalid',
      'This export computes its angles from inv_freq, and no inv_freq gives this lane’s rotation: the fault happens after it.',
    );
  }
  const tables = [lane.cos, lane.sin];
  return [first, second].map((own, i) => ({
    ...own,
    values: withRows(own, tables[i] ?? lane.cos, lane.pairs),
  }));
}

/** The graph's own table with a lane's rows for its first ones. */
function withRows({ values, shape }: FedConstant, rows: Float32Array, pairs: number): Float32Array {
  const columns = shape.at(-1) ?? pairs;
  return values.map((own, cell) => {
    const row = Math.floor(cell / columns);
    return rows[row * pairs + ((cell % columns) % pairs)] ?? own;
  });
}

/** Does each row say its pairs' values twice? Seen at row 1, where no two frequencies give the same. */
function isDoubled(values: Float32Array, columns: number): boolean {
  const row = values.subarray(columns, 2 * columns);
  const half = columns / 2;
  return (
    Number.isInteger(half) && half > 0 && row.subarray(0, half).every((x, i) => x === row[half + i])
  );
}

function firstColumns(
  values: Float32Array,
  columns: number,
  pairs: number,
  rows: number,
): Float32Array {
  const kept = new Float32Array(rows * pairs);
  for (let row = 0; row < rows; row++) {
    kept.set(values.subarray(row * columns, row * columns + pairs), row * pairs);
  }
  return kept;
}
