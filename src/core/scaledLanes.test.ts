import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Fault, type FaultKind, FAULTS } from './faults';
import { type Guard } from './guards';
import { HEALTHY_LANE, laneFrequencies, type LaneSpec, laneTables, stackLanes } from './lanes';
import { inverseFrequencies, type RopeConfig, rotaryTables, rotate, sameBits } from './rope';
import { attentionScaling, equivalentLength, rotatedDim, unscaled } from './ropeConfig';

const BASE = { headDim: 16, ropeTheta: 500_000 };
const PAIRS = Array.from({ length: 8 }, (_, i) => 1 + i);

const DYNAMIC: RopeConfig = {
  ...BASE,
  ropeScaling: { type: 'dynamic', factor: 2, originalMaxPositions: 12 },
};
const LONGROPE: RopeConfig = {
  ...BASE,
  ropeScaling: {
    type: 'longrope',
    shortFactor: PAIRS,
    longFactor: PAIRS.map((factor) => 10 * factor),
    originalMaxPositions: 12,
    attentionFactor: 1.25,
  },
};
const YARN: RopeConfig = {
  ...BASE,
  rotaryDim: 8,
  ropeScaling: {
    type: 'yarn',
    factor: 4,
    originalMaxPositions: 64,
    betaFast: 32,
    betaSlow: 1,
    attentionFactor: 1.1386,
    truncate: true,
  },
};
const LLAMA3: RopeConfig = {
  ...BASE,
  ropeScaling: {
    type: 'llama3',
    factor: 8,
    lowFreqFactor: 1,
    highFreqFactor: 4,
    originalMaxPositions: 64,
  },
};
const PROPORTIONAL: RopeConfig = {
  ...BASE,
  ropeScaling: { type: 'proportional', factor: 1, partialRotaryFactor: 0.25 },
};
const PARTIAL: RopeConfig = { ...BASE, rotaryDim: 4 };
const SCALED = [DYNAMIC, LONGROPE, YARN, LLAMA3, PROPORTIONAL];

const ropes = fc.constantFrom(BASE, PARTIAL, ...SCALED);
const kinds = fc.constantFrom(...(Object.keys(FAULTS) as FaultKind[]));
const lane = (kind: FaultKind, guard: Guard = 'none'): LaneSpec => ({ fault: { kind }, guard });

/** Rows of one lane's table, one array per position. */
function rowsOf(values: Float32Array, pairs: number): Float32Array[] {
  return Array.from({ length: values.length / pairs }, (_, p) =>
    values.subarray(p * pairs, (p + 1) * pairs),
  );
}

describe('tables of frequencies that depend on the length', () => {
  const positions = 20;
  const rows = (config: RopeConfig, prompt: number, spec = HEALTHY_LANE) => {
    const { tables } = stackLanes([spec], config, positions, prompt);
    return rowsOf(tables.sin, tables.pairs);
  };

  it.each([
    ['dynamic', DYNAMIC],
    ['longrope', LONGROPE],
  ])(
    '%s: a row has those of the text up to itself, and within the prompt the prompt’s',
    (_, config) => {
      for (const prompt of [5, 12, 13, 16, 20]) {
        rows(config, prompt).forEach((row, p) => {
          const invFreq = inverseFrequencies(config, Math.max(prompt, p + 1));
          const { sin, pairs } = laneTables(
            HEALTHY_LANE,
            { invFreq, attentionFactor: attentionScaling(config) },
            p + 1,
          );
          expect(sameBits(row, sin.subarray(p * pairs))).toBe(true);
        });
      }
    },
  );

  it('reads all of it in one forward, unless told of a prompt', () => {
    const { tables } = stackLanes([HEALTHY_LANE], DYNAMIC, positions);
    expect(
      sameBits(tables.sin, stackLanes([HEALTHY_LANE], DYNAMIC, positions, positions).tables.sin),
    ).toBe(true);
    expect(sameBits(tables.sin, stackLanes([HEALTHY_LANE], DYNAMIC, positions, 5).tables.sin)).toBe(
      false,
    );
  });

  it('counts positions as the lane’s fault does', () => {
    const offset = {
      fault: { kind: 'position-offset', parameters: { offset: 8 } },
      guard: 'none',
    } as const;
    const shifted = rows(DYNAMIC, 6, offset);
    const healthy = rows(DYNAMIC, 14);
    expect(sameBits(shifted[5] ?? new Float32Array(), healthy[13] ?? new Float32Array())).toBe(
      true,
    );
    const stuck = {
      fault: { kind: 'position-stuck', parameters: { at: 4 } },
      guard: 'none',
    } as const;
    expect(
      sameBits(
        rows(DYNAMIC, 5, stuck)[19] ?? new Float32Array(),
        rows(DYNAMIC, 5)[4] ?? new Float32Array(),
      ),
    ).toBe(true);
  });

  it('are lost in every forward, and mended in every forward', () => {
    const { rotations, tables } = stackLanes(
      [lane('zero'), lane('zero', 'patch5'), lane('nan', 'refill')],
      LONGROPE,
      positions,
      5,
    );
    expect(rotations.map(({ tablesIdentical }) => tablesIdentical)).toEqual([false, true, true]);
    const lost = tables.sin.subarray(0, positions * tables.pairs);
    expect(lost.every((sin) => sin === 0)).toBe(true);
    expect(tables.cos[0]).toBe(1.25);
  });

  it('equal those of the shortest equivalent text', () => {
    fc.assert(
      fc.property(ropes, fc.integer({ min: 1, max: 200 }), (config, length) => {
        const shortest = equivalentLength(config, length);
        expect(shortest).toBeLessThanOrEqual(Math.max(length, 1));
        expect(
          sameBits(inverseFrequencies(config, length), inverseFrequencies(config, shortest)),
        ).toBe(true);
      }),
    );
  });
});

describe('the attention factor', () => {
  it('multiplies cos and sin as float32, in every lane that reads the scaling', () => {
    const { rotations, tables } = stackLanes([HEALTHY_LANE, lane('zero')], YARN, 6);
    const plain = rotaryTables(inverseFrequencies(YARN), 6);
    const factor = Math.fround(1.1386);
    expect(
      sameBits(
        tables.cos.subarray(0, plain.cos.length),
        plain.cos.map((cos) => cos * factor),
      ),
    ).toBe(true);
    expect(tables.cos.subarray(plain.cos.length).every((cos) => cos === factor)).toBe(true);
    expect(rotations.map(({ attentionFactor }) => attentionFactor)).toEqual([1.1386, 1.1386]);
  });

  it('is rounded with the entry, where tables are rounded', () => {
    const { tables } = stackLanes([lane('bf16-tables')], YARN, 2);
    const bits = new Uint32Array(tables.cos.buffer);
    expect(bits.every((entry) => (entry & 0xffff) === 0)).toBe(true);
  });
});

describe('faults of scaled and partial rotation', () => {
  it('keep the number of pairs, whatever the fault', () => {
    fc.assert(
      fc.property(ropes, kinds, (config, kind) => {
        const { rotations, tables } = stackLanes([lane(kind)], config, 30, 5);
        expect(tables.pairs).toBe(rotatedDim(config) / 2);
        expect(rotations[0]?.invFreq).toHaveLength(tables.pairs);
        expect(tables.cos).toHaveLength(30 * tables.pairs);
      }),
    );
  });

  it('wrong-theta keeps the scaling and the part that turns', () => {
    for (const config of [PARTIAL, ...SCALED]) {
      const { invFreq, attentionFactor } = laneFrequencies(lane('wrong-theta'), config, 15);
      expect(sameBits(invFreq, inverseFrequencies({ ...config, ropeTheta: 1e4 }, 15))).toBe(true);
      expect(attentionFactor).toBe(attentionScaling(config));
    }
  });

  it('wrong-scaling drops the scaling that there is, with its attention factor', () => {
    for (const config of SCALED) {
      const { invFreq, attentionFactor } = laneFrequencies(lane('wrong-scaling'), config, 15);
      expect(sameBits(invFreq, inverseFrequencies(unscaled(config)))).toBe(true);
      expect(attentionFactor).toBe(1);
    }
  });

  it('wrong-scaling speeds up by its factor where there is none', () => {
    const fault: Fault = { kind: 'wrong-scaling', parameters: { factor: 4 } };
    const { invFreq } = laneFrequencies({ fault, guard: 'none' }, PARTIAL);
    expect(
      sameBits(
        invFreq,
        inverseFrequencies(PARTIAL).map((frequency) => 4 * frequency),
      ),
    ).toBe(true);
  });

  it('refill mends all that was wrong in inv_freq, and the attention factor', () => {
    fc.assert(
      fc.property(ropes, kinds, (config, kind) => {
        const { rotations } = stackLanes([lane(kind, 'refill')], config, 30, 5);
        expect(rotations[0]?.guardFired).toBe(true);
        expect(rotations[0]?.tablesIdentical).toBe(FAULTS[kind].arithmetic === undefined);
      }),
    );
  });
});

describe('a rotation of its own for the sliding layers', () => {
  const config = { ...LLAMA3, localRope: { headDim: 16, ropeTheta: 10_000 } };

  it('has tables of its own, and none where all layers turn alike', () => {
    const { tables } = stackLanes([HEALTHY_LANE, HEALTHY_LANE], config, 6);
    const own = stackLanes([HEALTHY_LANE, HEALTHY_LANE], config.localRope, 6).tables;
    expect(sameBits(tables.local?.cos ?? new Float32Array(), own.cos)).toBe(true);
    expect(sameBits(tables.local?.sin ?? new Float32Array(), own.sin)).toBe(true);
    expect(own.local).toBeNull();
    expect(stackLanes([HEALTHY_LANE], { ...config, localRope: null }, 6).tables.local).toBeNull();
  });

  it('is lost and mended with the other', () => {
    const { tables, rotations } = stackLanes([lane('zero'), lane('zero', 'patch5')], config, 6);
    const lost = (tables.local?.sin ?? new Float32Array(1).fill(1)).subarray(0, 6 * 8);
    expect(lost.every((sin) => sin === 0)).toBe(true);
    expect(rotations.map(({ tablesIdentical }) => tablesIdentical)).toEqual([false, true]);
  });

  it('makes a lane differ even where only it differs', () => {
    // θ = 10,000 for all layers is what the sliding ones have.
    const plain = { headDim: 16, ropeTheta: 10_000, localRope: LLAMA3 };
    const { rotations } = stackLanes(
      [lane('wrong-scaling')],
      { ...plain, ropeScaling: { type: 'linear', factor: 1 } },
      40,
    );
    expect(rotations[0]?.tablesIdentical).toBe(false);
  });
});

it('rotate leaves the components alone that do not turn', () => {
  const tables = stackLanes([HEALTHY_LANE], PARTIAL, 4).tables;
  const head = Array.from({ length: 16 }, (_, i) => i + 1);
  const rotated = rotate(head, tables, 3);
  expect([...rotated.subarray(4)]).toEqual(head.slice(4));
  expect([...rotated.subarray(0, 4)]).not.toEqual(head.slice(0, 4));
});
