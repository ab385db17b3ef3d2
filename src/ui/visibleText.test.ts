import fc from 'fast-check';
import { expect, it } from 'vitest';
import { visibleParts, visibleSentence, visibleText } from './visibleText';

it.each([
  [' Paris', '·Paris'],
  ['a\n\tb', 'a↵⇥b'],
  ['\u202eevil\u202c', 'U+202EevilU+202C'],
  ['\0', 'U+0000'],
  ['\ud83d', 'U+D83D'],
  ['\ufeffx\uffff', 'U+FEFFxU+FFFF'],
  ['👩‍👩‍👧 🙂', '👩‍👩‍👧·🙂'],
  ['<b>&"', '<b>&"'],
  ['', ''],
])('%j is shown as %j', (text, shown) => {
  expect(visibleText(text)).toBe(shown);
});

it('leaves the spaces of a sentence', () => {
  expect(visibleSentence('two  words\u202e\n')).toBe('two  wordsU+202E↵');
});

it('marks what stands for something else', () => {
  expect(visibleParts(' a')).toEqual([
    { text: '·', standsFor: true },
    { text: 'a', standsFor: false },
  ]);
});

it('leaves no control, no half of a surrogate pair and no change of direction', () => {
  const unseen = /[\p{Cc}\p{Cs}\p{NChar}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(visibleText(text)).not.toMatch(unseen);
    }),
  );
  const halves = fc.array(fc.integer({ min: 0xd7f0, max: 0xe010 }), { maxLength: 8 });
  fc.assert(
    fc.property(halves, (units) => {
      const shown = visibleText(String.fromCharCode(...units));
      expect(() => encodeURIComponent(shown)).not.toThrow();
    }),
  );
});
