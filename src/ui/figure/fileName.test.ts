import { expect, it } from 'vitest';
import { figureFileName } from './fileName';

it('says figure, model and prompt', () => {
  expect(figureFileName(['Frequencies', 'nano-opensci', 'The capital of France is'], 'svg')).toBe(
    'frequencies-nano-opensci-the-capital-of-france-is.svg',
  );
});

it('keeps letters of any script and nothing that a file system minds', () => {
  expect(figureFileName(['Größe', '../日本 <?>', ' / '], 'csv')).toBe('große-日本.csv');
});

it('shortens a long prompt, and has a name for nothing', () => {
  expect(figureFileName(['word '.repeat(40)], 'png').length).toBeLessThan(56);
  expect(figureFileName(['', '…'], 'png')).toBe('figure.png');
});
