import { describe, expect, it } from 'vitest';
import type { FaultKind } from '../../core/faults';
import { frequencyNumbers } from './frequencyNumbers';
import { allDialNumbers, dialNumbers } from './dialNumbers';
import { pairingReading } from './PairingNote';
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

  it('count the attention factor as no turn, and draw what it stretches', () => {
    const yarn = {
      headDim: 64,
      rotaryDim: 32,
      ropeTheta: 1_000_000,
      ropeScaling: {
        type: 'yarn',
        factor: 4,
        originalMaxPositions: 64,
        betaFast: 32,
        betaSlow: 1,
        attentionFactor: 1.25,
        truncate: true,
      },
    } as const;
    const [reference, other] = withTables(lanes('none', 'wrong-scaling'), yarn, 4);
    if (reference === undefined || other === undefined) throw new Error('two lanes expected');
    const pair = comparedTables('cos', reference, other);
    expect(rowZeroReading(pair)).toContain('cos is exactly 1.25 or 1 and sin exactly 0');
    expect(tableDrawings(pair)[0].scale.domain).toEqual([-1.25, 1.25]);
    expect(tableNumbers(pair).rowCount).toBe(4 * 16);
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

describe('the file of the hands', () => {
  it('has every position, as each has it alone', () => {
    const tables = withTables(lanes('none', 'wrong-theta'), config, 4);
    const all = allDialNumbers(tables);
    expect(all?.rowCount).toBe(4 * 32);
    expect(all?.caption).toContain('positions 0 to 3');
    for (let position = 0; position < 4; position++) {
      const own = dialNumbers(tables, position);
      expect(own.caption).toContain(`position ${position}; the CSV has every position`);
      for (let pair = 0; pair < own.rowCount; pair++) {
        expect(all?.row(position * 32 + pair)).toEqual(own.row(pair));
      }
    }
  });

  it('has one position where all would be too much', () => {
    const many = withTables(lanes('none', 'zero'), { ...config, headDim: 1024 }, 512);
    expect(allDialNumbers(many)).toBeNull();
    expect(dialNumbers(many, 7).rowCount).toBe(512);
    expect(dialNumbers(many, 7).caption).not.toContain('CSV');
  });
});

it('says of interleaved lanes that their fault does not show, and of no others', () => {
  const rows = withFrequencies(lanes('none', 'interleaved', 'zero'), config);
  expect(pairingReading(rows)).toMatch(/^interleaved: healthy frequencies/);
  expect(pairingReading(rows.filter(({ pairing }) => pairing === 'halves'))).toBe('');
  expect(rows[1]?.invFreq).toEqual(rows[0]?.invFreq);
});
