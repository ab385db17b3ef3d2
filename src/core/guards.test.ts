import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FaultKind, FAULTS } from './faults';
import { formatFault, parseFault } from './faultText';
import { applyGuard, type Guard, GUARDS, isGuard } from './guards';
import { inverseFrequencies, rotaryTables, sameBits } from './rope';

const config = { headDim: 64, ropeTheta: 1_000_000 };
const healthy = inverseFrequencies(config);
const recompute = () => inverseFrequencies(config);
/** What loading can leave: anything that 32 float32 can be, NaN and denormals too. */
const garbage = fc.float32Array({ minLength: 32, maxLength: 32 });
const kinds = Object.keys(FAULTS) as FaultKind[];
const guards = Object.keys(GUARDS) as Guard[];

describe('faults', () => {
  it('none leaves the frequencies as they are, in a new array', () => {
    const damaged = FAULTS.none.apply(healthy);
    expect(damaged).not.toBe(healthy);
    expect(sameBits(damaged, healthy)).toBe(true);
  });

  it('zero gives exact zeros, as many', () => {
    const damaged = FAULTS.zero.apply(healthy);
    expect(sameBits(damaged, new Float32Array(32))).toBe(true);
  });

  it.each(kinds)('%s never writes to the healthy frequencies', (kind) => {
    const before = healthy.slice();
    FAULTS[kind].apply(healthy).fill(7);
    expect(sameBits(healthy, before)).toBe(true);
  });

  it.each(kinds)('%s is written and read back', (kind) => {
    const fault = parseFault(kind);
    expect(fault).toEqual({ kind });
    expect(fault && formatFault(fault)).toBe(kind);
  });

  it('are not found under names that every object has', () => {
    for (const name of ['', 'ZERO', 'toString', '__proto__', 'constructor']) {
      expect(parseFault(name)).toBeUndefined();
      expect(isGuard(name)).toBe(false);
    }
  });
});

describe('guards', () => {
  it('none never fires, whatever was loaded', () => {
    fc.assert(
      fc.property(garbage, (loaded) => {
        const { invFreq, fired } = applyGuard('none', loaded, recompute);
        expect(fired).toBe(false);
        expect(sameBits(invFreq, loaded)).toBe(true);
      }),
    );
  });

  it('refill always fires, whatever was loaded', () => {
    fc.assert(
      fc.property(garbage, (loaded) => {
        const { invFreq, fired } = applyGuard('refill', loaded, recompute);
        expect(fired).toBe(true);
        expect(sameBits(invFreq, healthy)).toBe(true);
      }),
    );
  });

  it('patch5 fires exactly when no entry differs from zero', () => {
    const sparse = fc.tuple(fc.nat(31), fc.float()).map(([place, value]) => {
      const loaded = new Float32Array(32);
      loaded[place] = value;
      return loaded;
    });
    fc.assert(
      fc.property(fc.oneof(garbage, sparse), (loaded) => {
        const anyNonZero = [...loaded].some((frequency) => frequency !== 0);
        expect(applyGuard('patch5', loaded, recompute).fired).toBe(!anyNonZero);
      }),
    );
  });

  it('patch5 fires on exact zeros and negative zeros, not on denormals, NaN or one good entry', () => {
    const zeros = new Float32Array(32);
    expect(applyGuard('patch5', zeros, recompute).fired).toBe(true);
    expect(
      applyGuard(
        'patch5',
        zeros.map(() => -0),
        recompute,
      ).fired,
    ).toBe(true);
    for (const value of [1e-45, Number.NaN, 1]) {
      expect(applyGuard('patch5', zeros.with(31, value), recompute).fired).toBe(false);
    }
  });

  it('that fire give tables bit-identical to the healthy ones', () => {
    const expected = rotaryTables(healthy, 300);
    fc.assert(
      fc.property(
        fc.constantFrom(...guards),
        fc.oneof(garbage, fc.constant(new Float32Array(32))),
        (guard, loaded) => {
          const { invFreq, fired } = applyGuard(guard, loaded, recompute);
          fc.pre(fired);
          const tables = rotaryTables(invFreq, 300);
          expect(sameBits(tables.cos, expected.cos)).toBe(true);
          expect(sameBits(tables.sin, expected.sin)).toBe(true);
        },
      ),
    );
  });
});
