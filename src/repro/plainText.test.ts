import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { visible, wellFormed } from './plainText';

const anyText = fc
  .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 30 })
  .map((codes) => String.fromCharCode(...codes));

describe('visible', () => {
  it.each([
    ['plain text, “quoted”', 'plain text, “quoted”'],
    ['two\nlines\r\n\tand more', 'two\\nlines\\r\\n\\tand more'],
    ['\u202Etxet', '\\u{202e}txet'],
    ['a\0b\u2028c\u0085', 'a\\u{0}b\\u{2028}c\\u{85}'],
    ['\uD800', '\\u{d800}'],
    ['back\\slash', 'back\\\\slash'],
    ['👩‍👩‍👧 é 模型', '👩‍👩‍👧 é 模型'],
  ])('shows %j', (text, shown) => expect(visible(text)).toBe(shown));

  it('is one line of characters that show, and different texts stay different', () => {
    fc.assert(
      fc.property(anyText, anyText, (a, b) => {
        expect(visible(a)).toMatch(/^(\u200D|[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}])*$/u);
        expect(visible(a) === visible(b)).toBe(a === b);
      }),
    );
  });
});

describe('wellFormed', () => {
  it('reads halves of surrogate pairs as encoders of UTF-8 do', () => {
    const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
    fc.assert(
      fc.property(anyText, (text) => {
        expect(wellFormed(text)).toBe(decoder.decode(new TextEncoder().encode(text)));
      }),
    );
    expect(wellFormed('\uDE00\uD83D\uDE00\uD83D')).toBe('\uFFFD😀\uFFFD');
  });
});
