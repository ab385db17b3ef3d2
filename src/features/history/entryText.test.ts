import { expect, it } from 'vitest';
import { entryOf } from '../../state/historyEntry';
import { finishedRun } from '../../state/testing/finishedRuns';
import { lanesText, partingText } from './entryText';

const words = (...said: (readonly number[])[]) => {
  const entry = entryOf(finishedRun({ said }), { at: 1, size: 1, pinned: false });
  return `${lanesText(entry)}: ${partingText(entry)}`;
};

it('says of a run what its lanes are, and where they part', () => {
  expect(words([1, 2], [1, 2])).toBe('inv_freq lost: all zeros: agrees on 2 tokens');
  expect(words([1], [1])).toBe('inv_freq lost: all zeros: agrees on one token');
  expect(words([1, 2], [1, 3])).toBe('inv_freq lost: all zeros: parts at token 2');
  expect(words([1, 2], [1, 2], [1, 2])).toBe('3 lanes: all agree on 2 tokens');
  expect(words([1, 2], [1, 3], [3, 3], [1, 2])).toBe('4 lanes: 2 of 3 part, first at token 1');
  expect(words([1, 2])).toBe('healthy alone: 2 tokens');
});
