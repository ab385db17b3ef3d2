import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { roundToBfloat16 } from './bfloat16';
import { type Fault, type FaultKind, type FaultParameters, FAULTS, faultPairing } from './faults';
import { formatFault, isFault, parseFault } from './faultText';
import { GUARDS, type Guard } from './guards';
import { type LaneSpec, laneFrequencies, stackLanes } from './lanes';
import { inverseFrequencies, pairingOrder, type RopeConfig, sameBits } from './rope';

const CONFIG = { headDim: 64, ropeTheta: 1_000_000 };
const HEALTHY = inverseFrequencies(CONFIG);
const KINDS = Object.keys(FAULTS) as FaultKind[];
const POSITIONS = 200;

const kinds = fc.constantFrom(...KINDS);

/** Any fault, with any of its parameters within their bounds. */
const faults: fc.Arbitrary<Fault> = kinds.chain((kind) => {
  const values = FAULTS[kind].parameters.map(({ name, min, max, integer }) => {
    const value = integer ? fc.integer({ min, max }) : fc.double({ min, max, noNaN: true });
    return fc.option(
      value.map((number) => [name, number + 0] as const),
      { nil: undefined },
    );
  });
  return fc.tuple(...values).map((entries) => {
    const parameters = Object.fromEntries(entries.filter((entry) => entry !== undefined));
    return Object.keys(parameters).length === 0 ? { kind } : { kind, parameters };
  });
});

const seeds = fc.integer({ min: 0, max: 0xffffffff });

function tablesOf(fault: Fault, guard: Guard = 'none') {
  const lane: LaneSpec = { fault, guard };
  const { rotations, tables } = stackLanes([lane], CONFIG, POSITIONS);
  const [rotation] = rotations;
  if (!rotation) throw new Error('one lane has one rotation');
  return { rotation, tables };
}

describe('every fault', () => {
  it('is a pure function of the healthy frequencies, which it leaves alone', () => {
    fc.assert(
      fc.property(faults, ({ kind, parameters }) => {
        const given = HEALTHY.slice();
        const once = FAULTS[kind].apply(given, parameters);
        const twice = FAULTS[kind].apply(given, parameters);
        expect(sameBits(given, HEALTHY)).toBe(true);
        expect(sameBits(once, twice)).toBe(true);
        expect(once).not.toBe(given);
        expect(once).toHaveLength(HEALTHY.length);
      }),
    );
  });

  it('is explained, and says where it was seen', () => {
    for (const { label, explanation, source } of Object.values(FAULTS)) {
      expect(label).not.toBe('');
      expect(explanation.length).toBeGreaterThan(80);
      expect(source).not.toBe('');
    }
  });

  it('survives being written and read', () => {
    fc.assert(
      fc.property(faults, (fault) => {
        expect(parseFault(formatFault(fault))).toEqual(fault);
      }),
    );
  });

  it('has usual values within its own bounds', () => {
    for (const { parameters } of Object.values(FAULTS)) {
      for (const { min, max, usual } of parameters) {
        expect(usual).toBeGreaterThanOrEqual(min);
        expect(usual).toBeLessThanOrEqual(max);
      }
    }
  });

  it('leaves position 0 unrotated if its angles are finite and its positions are counted from 0', () => {
    for (const kind of KINDS) {
      if (kind === 'nan' || kind === 'position-offset') continue;
      const { tables } = tablesOf({ kind });
      expect([...tables.cos.subarray(0, 32)]).toEqual(Array.from({ length: 32 }, () => 1));
      expect([...tables.sin.subarray(0, 32)].every((sin) => sin === 0)).toBe(true);
    }
  });
});

describe('what is not a fault', () => {
  it.each([
    'nothing',
    'zero:',
    'zero:alpha=1',
    'scaled:alpha=1.5',
    'scaled:alpha=-0.1',
    'scaled:alpha=NaN',
    'scaled:alpha=0.5,alpha=0.6',
    'scaled:alpha=0.5:more',
    'band:fastest=1.5',
    'toString',
    '__proto__',
    '',
  ])('%s', (text) => {
    expect(parseFault(text)).toBeUndefined();
  });

  it('has a parameter of another fault, or one outside its bounds', () => {
    expect(isFault({ kind: 'zero', parameters: { seed: 1 } })).toBe(false);
    expect(isFault({ kind: 'tiny', parameters: { seed: 0.5 } })).toBe(false);
    expect(isFault({ kind: 'tiny', parameters: { seed: Number.NaN } })).toBe(false);
    expect(isFault({ kind: 'wrong' as FaultKind })).toBe(false);
  });
});

describe('scaled', () => {
  it('is healthy at 1 and zero at 0, bit for bit', () => {
    const { apply } = FAULTS.scaled;
    expect(sameBits(apply(HEALTHY, { alpha: 1 }), HEALTHY)).toBe(true);
    expect(sameBits(apply(HEALTHY, { alpha: 0 }), FAULTS.zero.apply(HEALTHY))).toBe(true);
  });
});

describe('band', () => {
  it('zeroes as many as it says at each end and leaves the rest', () => {
    const counts = fc.integer({ min: 0, max: 40 });
    fc.assert(
      fc.property(counts, counts, (fastest, slowest) => {
        FAULTS.band.apply(HEALTHY, { fastest, slowest }).forEach((frequency, pair) => {
          const lost = pair < fastest || pair >= HEALTHY.length - slowest;
          expect(frequency).toBe(lost ? 0 : HEALTHY[pair]);
        });
      }),
    );
  });
});

describe('uninitialised memory', () => {
  it('is as measured: finite, wrong, 6 to 21 of 32 entries not zero, zeros first', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const memory = FAULTS.uninitialised.apply(HEALTHY, { seed });
        const nonZero = memory.filter((entry) => entry !== 0).length;
        expect(nonZero).toBeGreaterThanOrEqual(6);
        expect(nonZero).toBeLessThanOrEqual(21);
        expect(memory[0]).toBe(0);
        expect(memory.every((entry) => Number.isFinite(entry * 1e6))).toBe(true);
        expect(memory.some((entry, pair) => entry === HEALTHY[pair])).toBe(false);
      }),
      { numRuns: 2000 },
    );
  });

  it('differs from seed to seed', () => {
    const texts = Array.from({ length: 100 }, (_, seed) =>
      FAULTS.uninitialised.apply(HEALTHY, { seed }).join(),
    );
    expect(new Set(texts).size).toBe(100);
  });

  it('may be tiny: all below 1e-6, not all zero, the identity rotation in effect', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const memory = FAULTS.tiny.apply(HEALTHY, { seed });
        expect(memory.every((entry) => Math.abs(entry) < 1e-6)).toBe(true);
        expect(memory.some((entry) => entry !== 0)).toBe(true);
        const { tables } = tablesOf({ kind: 'tiny', parameters: { seed } });
        expect(tables.cos.every((cos) => Math.abs(cos - 1) < 1e-6)).toBe(true);
        expect(tables.sin.every((sin) => Math.abs(sin) < 1e-3)).toBe(true);
      }),
    );
  });

  it('is 1.5e16 throughout under a perturbed allocator', () => {
    const [entry = 0] = FAULTS.huge.apply(HEALTHY);
    expect(entry).toBeCloseTo(1.5365e16, -13);
  });
});

describe('wrong-theta', () => {
  const read = (config: RopeConfig, parameters?: FaultParameters) => {
    const fault: Fault = { kind: 'wrong-theta', ...(parameters && { parameters }) };
    return laneFrequencies({ fault, guard: 'none' }, config).invFreq;
  };

  it('takes the other usual base: 10,000 for 1,000,000, and the reverse', () => {
    const config = { headDim: 64, ropeTheta: 10_000 };
    expect(sameBits(read(CONFIG), inverseFrequencies(config))).toBe(true);
    expect(sameBits(read(config), HEALTHY)).toBe(true);
  });

  it('takes the base that it is given', () => {
    const expected = inverseFrequencies({ headDim: 64, ropeTheta: 500_000 });
    expect(sameBits(read(CONFIG, { theta: 500_000 }), expected)).toBe(true);
  });
});

describe('bfloat16', () => {
  it('rounds to the nearest of its neighbours, ties to even, and stays there', () => {
    fc.assert(
      fc.property(
        fc.float({ noNaN: true, min: Math.fround(-1e30), max: Math.fround(1e30) }),
        (x) => {
          const rounded = roundToBfloat16(x);
          expect(roundToBfloat16(rounded)).toBe(rounded);
          const bits = new Uint32Array(new Float32Array([rounded]).buffer)[0] ?? 0;
          expect(bits & 0xffff).toBe(0);
          if (Math.abs(x) > 1e-30)
            expect(Math.abs(rounded - x)).toBeLessThanOrEqual(Math.abs(x) / 256);
        },
      ),
    );
    expect(roundToBfloat16(1 + 1 / 256)).toBe(1);
    expect(roundToBfloat16(1 + 3 / 256)).toBe(1 + 4 / 256);
    expect(roundToBfloat16(Number.NaN)).toBeNaN();
    expect(roundToBfloat16(Number.POSITIVE_INFINITY)).toBe(Number.POSITIVE_INFINITY);
  });

  it('moves frequencies by at most 2^-8, and tables by at most 2^-9', () => {
    const rounded = FAULTS.bf16.apply(HEALTHY);
    rounded.forEach((frequency, pair) => {
      const exact = HEALTHY[pair] ?? 0;
      expect(Math.abs(frequency - exact)).toBeLessThanOrEqual(exact / 256);
    });
    const exact = tablesOf({ kind: 'none' }).tables;
    const { tables, rotation } = tablesOf({ kind: 'bf16-tables' });
    expect(rotation.tablesIdentical).toBe(false);
    tables.cos.forEach((cos, cell) => {
      expect(Math.abs(cos - (exact.cos[cell] ?? 0))).toBeLessThanOrEqual(1 / 512);
    });
  });
});

describe('positions', () => {
  it('with an offset, row p is the healthy row p + offset', () => {
    const healthy = tablesOf({ kind: 'none' }).tables;
    const { tables } = tablesOf({ kind: 'position-offset', parameters: { offset: 3 } });
    expect(sameBits(tables.cos.subarray(0, 96), healthy.cos.subarray(96, 192))).toBe(true);
  });

  it('that stop counting repeat one row', () => {
    const { tables } = tablesOf({ kind: 'position-stuck', parameters: { at: 2 } });
    const row = (p: number) => tables.cos.subarray(p * 32, (p + 1) * 32);
    expect(sameBits(row(2), row(3))).toBe(true);
    expect(sameBits(row(2), row(199))).toBe(true);
    expect(sameBits(row(1), row(2))).toBe(false);
  });
});

describe('interleaved', () => {
  it('has healthy tables and other pairs', () => {
    const { rotation } = tablesOf({ kind: 'interleaved' });
    expect(rotation.tablesIdentical).toBe(true);
    expect(rotation.pairing).toBe('interleaved');
    expect(KINDS.filter((kind) => faultPairing({ kind }) !== 'halves')).toEqual(['interleaved']);
  });

  it('brings 2i and 2i + 1 to where halves pairing turns them together', () => {
    expect(pairingOrder('interleaved', { headDim: 8 })).toEqual([0, 2, 4, 6, 1, 3, 5, 7]);
    expect(pairingOrder('halves', { headDim: 4 })).toEqual([0, 1, 2, 3]);
  });

  it('leaves alone the components that do not turn', () => {
    const head = { headDim: 8, rotaryDim: 4 };
    expect(pairingOrder('interleaved', head)).toEqual([0, 2, 1, 3, 4, 5, 6, 7]);
  });
});

describe('guards against the zoo', () => {
  const fires = (guard: Guard) =>
    KINDS.filter((kind) => laneFrequencies({ fault: { kind }, guard }, CONFIG).guardFired);

  it('patch5 mends exact zeros and nothing else', () => {
    expect(fires('none')).toEqual([]);
    expect(fires('patch5')).toEqual(['zero']);
    expect(fires('refill')).toEqual(KINDS);
  });

  it('patch5 misses every seed of uninitialised and tiny memory', () => {
    fc.assert(
      fc.property(
        seeds,
        fc.constantFrom('uninitialised' as const, 'tiny' as const),
        (seed, kind) => {
          const { rotation } = tablesOf({ kind, parameters: { seed } }, 'patch5');
          expect(rotation.guardFired).toBe(false);
          expect(rotation.tablesIdentical).toBe(false);
        },
      ),
    );
  });

  it('refill gives bit-identical tables wherever the fault was in inv_freq', () => {
    const inTheBuffer = KINDS.filter((kind) => !FAULTS[kind].arithmetic);
    for (const kind of inTheBuffer) {
      expect(tablesOf({ kind }, 'refill').rotation.tablesIdentical).toBe(true);
    }
    for (const kind of KINDS.filter((kind) => FAULTS[kind].arithmetic)) {
      expect(tablesOf({ kind }, 'refill').rotation.tablesIdentical).toBe(false);
    }
  });

  it('each guard is explained', () => {
    for (const { explanation, source } of Object.values(GUARDS)) {
      expect(explanation.length).toBeGreaterThan(40);
      expect(source).not.toBe('');
    }
  });
});
