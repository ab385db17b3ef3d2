import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Failure } from '../src/core/errors';
import { readDirectory } from './testing/modelSources';
import { sharedMissing, sharedModel } from './testing/sharedModels';
import { byteLevelTokenizer, END_ID } from './testing/tokenizerFixture';
import { TextStream, Tokenizer } from './tokenizer';

const bytesOf = (text: string) => [...new TextEncoder().encode(text)];
/** Byte b is token b + 1. */
const idsOf = (text: string) => bytesOf(text).map((byte) => byte + 1);

/** Half of a character that needs two UTF-16 units. */
const LONE_SURROGATE = /\p{Surrogate}/u;

const [, e1 = 0, e2 = 0, e3 = 0] = bytesOf('😀');
const [c0 = 0, c1 = 0, c2 = 0] = bytesOf('漢');
/** Tokens that end or begin in the middle of a character, as real vocabularies have them. */
const MERGES = [
  [[0x20], [c0]],
  [[c1], [c2]],
  [[c2], [c0]],
  [[c2, c0], [c1]],
  [[e2], [e3]],
  [[e3], [0xf0]],
  [
    [e3, 0xf0],
    [e1, e2],
  ],
  [[e1], [e2]],
  [[0x61], [0x62]],
] as const;
const VOCABULARY = 257 + MERGES.length;
const tokenizer = Tokenizer.parse(byteLevelTokenizer(MERGES));

/** What one reader sees after each token, and after the end. */
function streamed(ids: readonly number[], context: readonly number[] = []) {
  const stream = new TextStream(tokenizer, context);
  const pieces = ids.map((id) => stream.push(id));
  return { pieces, rest: stream.flush() };
}

const words = fc.string({
  unit: fc.constantFrom('a', 'b', ' ', 'é', '漢', '字', '😀', '👩‍👩‍👧', '🏳️‍🌈', '\n'),
  maxLength: 20,
});
const anyIds = fc.array(fc.integer({ min: 0, max: VOCABULARY - 1 }), { maxLength: 24 });

describe('Tokenizer.parse refuses', () => {
  it.each([
    ['', 'what is empty'],
    ['{', 'what is not JSON'],
    ['null', 'what is no object'],
    ['[]', 'a list'],
    ['{}', 'an empty object'],
    ['{"model":{"type":"Elephant"}}', 'an unknown model'],
    ['{"model":{"type":"BPE"}}', 'a BPE without vocabulary'],
  ])('%s: %s', (json) => {
    const parse = () => Tokenizer.parse(json);
    expect(parse).toThrow(Failure);
    expect(parse).toThrow(/^tokenizer\.json is not valid: ./);
  });

  it('a tokenizer_config.json that is not JSON', () => {
    expect(() => Tokenizer.parse(byteLevelTokenizer(), '{')).toThrow(Failure);
  });
});

describe('Tokenizer', () => {
  it('reads back what it wrote', () => {
    fc.assert(
      fc.property(fc.oneof(words, fc.string({ unit: 'grapheme' })), (text) => {
        expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
      }),
    );
  });

  it('merges as its table says', () => {
    expect(tokenizer.encode('ab')).toEqual([VOCABULARY - 1]);
    expect(tokenizer.encode('ba')).toEqual(idsOf('ba'));
  });

  it('leaves special tokens out of the text, and names them', () => {
    expect(tokenizer.decode([98, END_ID, 99])).toBe('ab');
    expect(tokenizer.isSpecial(END_ID)).toBe(true);
    expect(tokenizer.word(END_ID)).toBe('<|end|>');
    expect(tokenizer.label(END_ID)).toBe('<|end|>');
  });

  it('labels an id outside the vocabulary by its number', () => {
    expect(tokenizer.label(99_999)).toBe('[99999]');
  });

  it('gives a word with its leading space', () => {
    expect(tokenizer.word(0x20 + 1)).toBe(' ');
    expect(tokenizer.word(VOCABULARY - 1)).toBe('ab');
  });

  it('splits ids into texts that joined are the decoded whole, whatever the ids', () => {
    fc.assert(
      fc.property(anyIds, (ids) => {
        const parts = tokenizer.split(ids);
        expect(parts.map(({ id }) => id)).toEqual(ids);
        expect(parts.map(({ text }) => text).join('')).toBe(tokenizer.decode(ids));
      }),
      { numRuns: 1000 },
    );
  });
});

describe('TextStream', () => {
  it('of a whole text never shows half a character, and shows all of it', () => {
    fc.assert(
      fc.property(words, fc.boolean(), (text, merged) => {
        const ids = merged ? tokenizer.encode(text) : idsOf(text);
        const { pieces, rest } = streamed(ids);
        for (const piece of pieces) {
          expect(piece).not.toContain('\uFFFD');
          expect(piece).not.toMatch(LONE_SURROGATE);
        }
        expect(pieces.join('')).toBe(text);
        expect(rest).toBe('');
      }),
      { numRuns: 500 },
    );
  });

  it('waits for a character that is spread over more tokens than it has bytes in each', () => {
    // Every token ends inside a character: none may be shown before the last byte of its own is there.
    const token = (bytes: readonly number[]) =>
      257 + MERGES.findIndex(([a, b]) => [...a, ...b].join() === bytes.join());
    const chain = token([e3, 0xf0, e1, e2]);
    const ids = [0xf0 + 1, token([e1, e2]), chain, chain, chain, chain, chain, chain, e3 + 1];
    const { pieces, rest } = streamed(ids);
    expect(pieces.join('')).toBe('😀'.repeat(7));
    for (const piece of pieces) expect(piece).not.toContain('\uFFFD');
    expect(rest).toBe('');
    // And a character is not held back longer than that.
    expect(pieces.map((piece) => Array.from(piece).length)).toEqual([0, 0, 1, 1, 1, 1, 1, 1, 1]);
  });

  it('shows bytes that are no character as U+FFFD in the end, and loses none', () => {
    fc.assert(
      fc.property(anyIds, (ids) => {
        const { pieces, rest } = streamed(ids);
        for (const piece of [...pieces, rest]) expect(piece).not.toMatch(LONE_SURROGATE);
        expect(pieces.join('') + rest).toBe(tokenizer.decode(ids));
      }),
      { numRuns: 1000 },
    );
  });

  it('continues its context', () => {
    fc.assert(
      fc.property(words, words, (before, text) => {
        const { pieces, rest } = streamed(idsOf(text), tokenizer.encode(before));
        expect(pieces.join('') + rest).toBe(text);
      }),
    );
  });

  it('shows nothing for special tokens, and waits across them', () => {
    const [a = 0, b = 0, c = 0] = idsOf('漢');
    const { pieces, rest } = streamed([98, a, END_ID, b, c, END_ID, 99, a]);
    expect(pieces).toEqual(['a', '', '', '', '漢', '', 'b', '']);
    expect(rest).toBe('\uFFFD');
  });
});

describe.skipIf(sharedMissing)('a SentencePiece tokenizer (stories260k)', () => {
  const files = sharedMissing ? {} : readDirectory(sharedModel('stories260k'), ['tokenizer.json']);
  const load = () => Tokenizer.parse(new TextDecoder().decode(files['tokenizer.json']));

  it('reads a prompt with its start token, and splits it without losing a space', () => {
    const sentencePiece = load();
    const ids = sentencePiece.encode('Once upon a time');
    expect(ids).toEqual([1, 403, 407, 261, 378]);
    const texts = sentencePiece.split(ids).map(({ text }) => text);
    expect(texts.join('')).toBe(sentencePiece.decode(ids));
  });

  it('splits ids into texts that joined are the decoded whole, whatever the ids', () => {
    const sentencePiece = load();
    fc.assert(
      fc.property(fc.array(fc.nat(511), { maxLength: 16 }), (ids) => {
        const texts = sentencePiece.split(ids).map(({ text }) => text);
        expect(texts.join('')).toBe(sentencePiece.decode(ids));
        for (const text of texts) expect(text).not.toMatch(LONE_SURROGATE);
      }),
      { numRuns: 500 },
    );
  });

  it('waits for all bytes of a character outside its vocabulary', () => {
    const sentencePiece = load();
    const ids = sentencePiece.encode('a漢😀b');
    const stream = new TextStream(sentencePiece);
    const pieces = ids.map((id) => stream.push(id));
    for (const piece of pieces) expect(piece).not.toContain('\uFFFD');
    expect(pieces.join('') + stream.flush()).toBe('a漢😀b');
  });
});
