import { describe, expect, it } from 'vitest';
import { UNKNOWN_DISTRIBUTION } from '../../core/distribution';
import type { RunDistributions } from '../../protocol/inspection';
import type { RunRecord } from '../../state/run';
import type { InspectedRun } from './inspectedRun';
import { CHART_MARGIN, markedPoints, rankTicks, stepAt, xOfStep } from './logitsChart';
import { absence, laneReading, logitsNumbers, shownStep, stepCount } from './logitsReading';

const lane = (ids: readonly number[], stopped: string) => ({
  steps: ids.map((id) => ({ id, text: `w${id}`, label: '', top: [{ id, token: '', logit: 2 }] })),
  stopped,
});
const record = {
  lanes: [lane([1, 2, 3], 'eos'), lane([1, 9, 3, 4], 'length'), lane([1], 'non-finite')],
} as unknown as RunRecord;
const run: InspectedRun = {
  record,
  lanes: ['Healthy', 'lost', 'NaN'].map((name, index) => ({ index, name })),
  source: [],
};
const known = { entropy: 1, kl: 0.5, rank: 2, probability: 0.25 };
const distributions: RunDistributions = {
  runId: 1,
  lanes: [[known, known, known], [known, known, known, UNKNOWN_DISTRIBUTION], [known]],
};

describe('the step that is read', () => {
  it('is the pinned one, else the first where a lane chose otherwise', () => {
    expect(stepCount(record)).toBe(4);
    expect(shownStep(record, null)).toBe(1);
    expect(shownStep(record, 0)).toBe(0);
    expect(shownStep(record, 99)).toBe(3);
  });

  it('is the first where no lane chose otherwise, or none chose', () => {
    const [first] = record.lanes;
    expect(first && shownStep({ lanes: [first, first] }, null)).toBe(0);
    expect(shownStep({ lanes: [] }, 5)).toBe(0);
  });

  it('tells why a lane has nothing there', () => {
    expect(absence(record, 0, 2)).toBeNull();
    expect(absence(record, 0, 3)).toBe('ended after 3 tokens');
    expect(absence(record, 2, 1)).toBe('NaN: logits are not a number from token 2 on');
  });

  it('reads every measure of a lane', () => {
    expect(laneReading(run, distributions, 1, 1)).toBe(
      'lost: “w9”, KL(healthy ‖ lane) 0.5 nats, entropy 1 nats, rank of the healthy token 2, its probability 0.25',
    );
    expect(laneReading(run, distributions, 1, 3)).toContain('KL(healthy ‖ lane) not known');
    expect(laneReading(run, distributions, 2, 2)).toMatch(/^NaN: NaN: logits are not a number/);
  });
});

it('lists every step and lane', () => {
  const numbers = logitsNumbers(run, distributions);
  expect(numbers.rowCount).toBe(12);
  expect(numbers.row(4)).toEqual([2, 'lost', '“w9”', 9, 2, 0.5, 1, 2, 0.25]);
  expect(numbers.row(11)).toEqual([
    4,
    'NaN',
    'NaN: logits are not a number from token 2 on',
    null,
    null,
    null,
    null,
    null,
    null,
  ]);
});

describe('the chart', () => {
  it('finds the step under a point, and the point of a step', () => {
    for (const steps of [1, 2, 32, 192]) {
      for (let step = 0; step < steps; step++) {
        expect(stepAt(xOfStep(step, 700, steps), 700, steps)).toBe(step);
      }
    }
  });

  it('marks so many steps that marks stay apart, and those that no line reaches', () => {
    const at = (...values: number[]) => values.map((value) => ({ value }));
    expect(markedPoints(at(1, 2, 3))).toHaveLength(3);
    const long = at(...Array.from({ length: 501 }, (_, i) => i));
    const marked = markedPoints(long);
    expect(marked.length).toBeLessThanOrEqual(72);
    expect(marked[0]).toBe(long[0]);
    const lonely = long.map((point, i) => (Math.abs(i - 10) === 1 ? { value: Number.NaN } : point));
    expect(markedPoints(lonely)).toContain(lonely[10]);
  });

  it('labels ranks up to the largest', () => {
    expect(rankTicks(1)).toEqual([1, 2, 5, 10]);
    expect(rankTicks(288)).toEqual([1, 2, 5, 10, 20, 50, 100, 200]);
    expect(rankTicks(50_304)).toEqual([1, 10, 100, 1000, 10_000]);
  });

  it('takes the nearest step outside of the plot', () => {
    expect(stepAt(0, 700, 32)).toBe(0);
    expect(stepAt(CHART_MARGIN.left, 700, 32)).toBe(0);
    expect(stepAt(700, 700, 32)).toBe(31);
  });
});
