import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FaultKind, FAULTS } from './faults';
import { type Guard, GUARDS } from './guards';
import { HEALTHY_LANE, laneFrequencies, type LaneSpec, laneTables, stackLanes } from './lanes';
import { sameBits } from './rope';

const config = { headDim: 8, ropeTheta: 10_000 };
const lane = fc.record<LaneSpec>({
  fault: fc.constantFrom(...(Object.keys(FAULTS) as FaultKind[])).map((kind) => ({ kind })),
  guard: fc.constantFrom(...(Object.keys(GUARDS) as Guard[])),
});
const zero = (guard: Guard): LaneSpec => ({ fault: { kind: 'zero' }, guard });

describe('stackLanes', () => {
  it('puts the rows of lane i from row i · maxPositions on', () => {
    fc.assert(
      fc.property(
        fc.array(lane, { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 40 }),
        (lanes, maxPositions) => {
          const { rotations, tables } = stackLanes(lanes, config, maxPositions);
          expect(tables.maxPositions).toBe(maxPositions);
          expect(tables.positions).toBe(lanes.length * maxPositions);
          expect(tables.pairs).toBe(4);
          expect(rotations).toHaveLength(lanes.length);
          lanes.forEach((spec, i) => {
            const own = laneTables(spec, laneFrequencies(spec, config), maxPositions);
            const block = [i * maxPositions * 4, (i + 1) * maxPositions * 4] as const;
            expect(sameBits(tables.cos.subarray(...block), own.cos)).toBe(true);
            expect(sameBits(tables.sin.subarray(...block), own.sin)).toBe(true);
          });
        },
      ),
    );
  });

  it('says of each lane whether its guard fired and whether it rotates as the healthy one', () => {
    const lanes = [
      HEALTHY_LANE,
      zero('none'),
      zero('patch5'),
      zero('refill'),
      { ...HEALTHY_LANE, guard: 'patch5' as const },
      { ...HEALTHY_LANE, guard: 'refill' as const },
    ];
    const { rotations } = stackLanes(lanes, config, 16);
    expect(rotations.map(({ guardFired }) => guardFired)).toEqual([
      false,
      false,
      true,
      true,
      false,
      true,
    ]);
    expect(rotations.map(({ tablesIdentical }) => tablesIdentical)).toEqual([
      true,
      false,
      true,
      true,
      true,
      true,
    ]);
    expect([...(rotations[1]?.invFreq ?? [])]).toEqual([0, 0, 0, 0]);
    expect([...(rotations[2]?.invFreq ?? [])][0]).toBe(1);
  });

  it('finds one position too few to tell a lost rotation from a healthy one', () => {
    // Position 0 is the identity in both: the fault shows from the second token on.
    const { rotations } = stackLanes([HEALTHY_LANE, zero('none')], config, 1);
    expect(rotations[1]?.tablesIdentical).toBe(true);
  });
});
