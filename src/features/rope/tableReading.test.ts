import { describe, expect, it } from 'vitest';
import type { FaultKind } from '../../core/faults';
import { frequencyNumbers } from './frequencyNumbers';
import { dialNumbers } from './dialNumbers';
import { type RopeLane, wavelength, withFrequencies, withTables } from './ropeLanes';
import {
  comparedTables,
  rowZeroReading,
  tableDrawings,
  tableNumbers,
  tableReading,
} from './tableReading';

const config = { headDim: 64, ropeTheta: 1_000_000 };
const lanes = (...kinds: FaultKind[]): RopeLane[] =>
  kinds.map((kind, index) => ({ name: kind, index, spec: { fault: { kind }, guard: 'none' } }));

function compared(kind: FaultKind, table: 'cos' | 'sin' = 'cos') {
  const [reference, other] = withTables(lanes('none', kind), config, 16);
  if (reference === undefined || other === undefined) throw new Error('two lanes expected');
  return comparedTables(table, reference, other);
}

describe('tables of two lanes', () => {
  it('say that position 0 is 1 and 0 where it is', () => {
    expect(rowZeroReading(compared('zero'))).toContain('exactly 1 and sin exactly 0 in both lanes');
    expect(rowZeroReading(compared('position-stuck'))).toContain('in both lanes');
  });

  it('and say where it is not', () => {
    expect(rowZeroReading(compared('nan'))).toContain('do not hold in every pair of nan');
    expect(rowZeroReading(compared('position-offset'))).toContain('position-offset');
  });

  it('show faults of the tables, not of inv_freq alone', () => {
    expect(compared('position-offset').difference.some((value) => value !== 0)).toBe(true);
    expect(compared('bf16-tables').difference.some((value) => value !== 0)).toBe(true);
    expect(compared('none').difference.every((value) => value === 0)).toBe(true);
  });

  it('read a cell in words, NaN by name', () => {
    expect(tableReading(compared('zero'), { row: 1, column: 0 })).toBe(
      'Position 1, pair 0: cos is 0.5403 in none, 1 in zero; difference 0.4597.',
    );
    expect(tableReading(compared('nan', 'sin'), { row: 1, column: 0 })).toContain('NaN in nan');
  });

  it('put zero difference in the middle of its scale', () => {
    const [low, high] = tableDrawings(compared('zero'))[2].scale.domain;
    expect(low).toBe(-high);
  });

  it('number every cell', () => {
    const numbers = tableNumbers(compared('zero'));
    expect(numbers.rowCount).toBe(16 * 32);
    expect(numbers.row(32 + 3).slice(0, 2)).toEqual([1, 3]);
    expect(numbers.row(0)).toHaveLength(numbers.columns.length);
  });
});

it('numbers frequencies and hands of every lane', () => {
  const frequencies = frequencyNumbers(withFrequencies(lanes('none', 'zero'), config));
  expect(frequencies.rowCount).toBe(32);
  expect(frequencies.row(0)).toEqual([0, 1, wavelength(1), 0, Number.POSITIVE_INFINITY]);
  const dials = dialNumbers(withTables(lanes('none', 'zero'), config, 4), 1);
  expect(dials.row(0)).toHaveLength(dials.columns.length);
  expect(dials.row(0).slice(5)).toEqual([0, 1, 0]);
});
