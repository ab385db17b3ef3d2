import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Failure } from '../src/core/errors';
import { Tokenizer } from './tokenizer';
import { checkPatterns } from './tokenizerPatterns';

const SPLIT = "'s| ?\\p{L}+| ?\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";
const BASE = {
  version: '1.0',
  truncation: null,
  padding: null,
  added_tokens: [
    { id: 0, content: '<s>', single_word: false, lstrip: false, rstrip: false, special: true },
  ],
  normalizer: { type: 'Replace', pattern: { Regex: ' {2,}' }, content: ' ' },
  pre_tokenizer: {
    type: 'Sequence',
    pretokenizers: [
      { type: 'Split', pattern: { Regex: SPLIT }, behavior: 'Isolated', invert: false },
      { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false },
    ],
  },
  post_processor: null,
  decoder: { type: 'ByteLevel' },
  model: {
    type: 'BPE',
    unk_token: '<s>',
    fuse_unk: false,
    byte_fallback: false,
    vocab: { '<s>': 0, a: 1, b: 2, Ġ: 3, ab: 4, Ġa: 5, '1': 6 },
    merges: ['a b', 'Ġ a'],
  },
};
const TEXT = JSON.stringify(BASE);
const PROMPT = 'ab aab  1<s>é\n aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!';

function expectTokenizerOrFailure(json: string): 'tokenizer' | 'failure' {
  try {
    const ids = Tokenizer.parse(json).encode(PROMPT);
    if (!ids.every((id) => Number.isSafeInteger(id) && id >= 0)) expect.fail(ids.join());
    return 'tokenizer';
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    expect(error.code).toBe('tokenizer-invalid');
    return 'failure';
  }
}

describe('tokenizer.json, fuzzed', () => {
  // The library remarks on what it does not know.
  beforeAll(() => vi.spyOn(console, 'warn').mockImplementation(() => undefined));
  afterAll(() => {
    vi.restoreAllMocks();
  });

  it('is a tokenizer before it is changed', () => {
    expect(expectTokenizerOrFailure(TEXT)).toBe('tokenizer');
  });

  it('says that it has no token for a part of a text', () => {
    const json = { ...BASE, model: { ...BASE.model, unk_token: '<unk>' } };
    const tokenizer = Tokenizer.parse(JSON.stringify(json));
    expect(tokenizer.encode('ab')).toEqual([4]);
    expect(() => tokenizer.encode('xyz')).toThrow(/no token for a part of this text/);
  });

  it('is a tokenizer or a Failure after its text was changed', () => {
    const piece = fc.constantFrom(
      ...['"', '{', '}', '[', ']', ',', ':', '\\\\', '*', '+', '(', ')', '|', '?', '(a+)+', '[a'],
      ...['null', '-1', '1e9', 'BPE', 'Unigram', 'WordPiece', 'Metaspace', '\\u0000', '\\ud800'],
    );
    const edit = fc.tuple(fc.nat(TEXT.length), fc.nat(4), piece);
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 3 }), (edits) => {
        let text = TEXT;
        for (const [at, cut, put] of edits) text = text.slice(0, at) + put + text.slice(at + cut);
        expectTokenizerOrFailure(text);
      }),
      { numRuns: 5000 },
    );
  });

  it('is a tokenizer or a Failure with any JSON in the place of any part', () => {
    const paths = pathsOf(BASE);
    const value = fc.oneof(
      fc.jsonValue({ maxDepth: 2 }),
      fc.constantFrom(...paths.map((path) => get(BASE, path))),
      fc.constantFrom<unknown>(null, 0, -1, 0.5, 2 ** 40, '', 'a', [], {}, true),
    );
    fc.assert(
      fc.property(fc.constantFrom(...paths), value, (path, put) => {
        const json = structuredClone(BASE);
        set(json, path, put);
        expectTokenizerOrFailure(JSON.stringify(json));
      }),
      { numRuns: 5000 },
    );
  });
});

describe('checkPatterns', () => {
  const check = (pattern: string) => {
    checkPatterns({ pre_tokenizer: { pattern: { Regex: pattern } } });
  };

  it.each(['(a+)+', '(?:a*b?)*', '((a+)b)+', '(\\s{2,}x)+', '(?:[)]+)*', '(?<n>a+){3,}'])(
    'refuses %s',
    (pattern) => {
      expect(() => {
        check(pattern);
      }).toThrow(/repeats what repeats/);
    },
  );

  it.each([
    SPLIT,
    "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
    '\\p{N}{1,3}(?=(?:\\p{N}{3})*(?:\\P{N}|$))',
    '(\\+)+',
    '([*+])+',
    '(a+)b+',
    '(a+)?',
  ])('takes %s', (pattern) => {
    expect(() => {
      check(pattern);
    }).not.toThrow();
  });

  it('refuses what is longer than any tokenizer has it', () => {
    expect(() => {
      check('a'.repeat(10_001));
    }).toThrow(/too long/);
  });
});

type Path = readonly (string | number)[];

function pathsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return path.length > 0 ? [path] : [];
  const below = Object.entries(value).flatMap(([key, child]) => pathsOf(child, [...path, key]));
  return path.length > 0 ? [path, ...below] : below;
}

function get(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], value);
}

function set(value: unknown, path: Path, put: unknown): void {
  const parent = get(value, path.slice(0, -1)) as Record<string, unknown>;
  parent[path.at(-1) ?? ''] = put;
}
