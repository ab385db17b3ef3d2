import { describe, expect, it } from 'vitest';
import type { Capture } from '../../protocol/inspection';
import type { RunRecord } from '../../state/run';
import { type InspectedRun, quoted, textsPartAt, tokenAt } from './inspectedRun';
import { firstParting, healthyEndReading, textsPartReading } from './parting';

const said = (ids: readonly number[]) =>
  ids.map((id) => ({ id, text: ` w${id}`, label: `w${id}` }));

function run(prompt: number[], lanes: number[][], readIds: number[][]) {
  const record = {
    prompt: said(prompt),
    lanes: lanes.map((ids) => ({ steps: said(ids) })),
  } as unknown as RunRecord;
  const inspected: InspectedRun = {
    record,
    lanes: lanes.map((_, index) => ({ index, name: `lane ${index}` })),
    source: [],
  };
  return { record, inspected, capture: { tokenIds: readIds } as unknown as Capture };
}

describe('a free run', () => {
  const { record, inspected, capture } = run(
    [1, 2],
    [
      [3, 4, 5],
      [3, 7, 8],
    ],
    [
      [1, 2, 3, 4],
      [1, 2, 3, 7],
    ],
  );

  it('parts at the first position with another token', () => {
    expect(textsPartAt(capture, 1)).toBe(3);
    expect(textsPartAt(capture, 0)).toBeNull();
  });

  it('is compared at another context from the token after that', () => {
    expect(firstParting(inspected, capture)).toBe(2);
    expect(textsPartReading(2)).toMatch(/^From token 3 on/);
    expect(firstParting(inspected, null)).toBeNull();
  });

  it('names the token that each lane has read', () => {
    expect([0, 1, 2, 3].map((position) => tokenAt(record, capture, 1, position))).toEqual([
      '“ w1”',
      '“ w2”',
      '“ w3”',
      '“ w7”',
    ]);
    expect(tokenAt(record, capture, 1, 9)).toBe('token –');
  });
});

describe('a teacher-forced run', () => {
  const { record, inspected, capture } = run(
    [1, 2],
    [
      [3, 4, 5],
      [6, 7, 8],
    ],
    [
      [1, 2, 3, 4],
      [1, 2, 3, 4],
    ],
  );

  it('never parts, and every lane has read the healthy text', () => {
    expect(textsPartAt(capture, 1)).toBeNull();
    expect(firstParting(inspected, capture)).toBeNull();
    expect(tokenAt(record, capture, 1, 2)).toBe('“ w3”');
  });
});

it('quotes what a token adds, or else its name', () => {
  expect(quoted({ text: 'a\n', label: 'x' })).toBe('“a↵”');
  expect(quoted({ text: '', label: '<|endoftext|>' })).toBe('“<|endoftext|>”');
});

it('says when lanes go on after the healthy one', () => {
  const longer = run([1], [[2], [2, 3]], [[1], [1, 2]]);
  expect(healthyEndReading(longer.inspected)).toMatch(/^The healthy lane ended after 1 token:/);
  const equal = run([1], [[2], [3]], [[1], [1]]);
  expect(healthyEndReading(equal.inspected)).toBe('');
});
