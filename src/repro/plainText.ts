/** Characters that are not seen, or that reorder others: controls, bidi controls, lone surrogates. Emoji keep their joiner. */
const UNSEEN = /(?!\u200D)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{NChar}]/gu;

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** A text of somebody else on one line, with what is not seen, or reorders the rest, as escapes: `\n`, `\u{202e}`. */
export function visible(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll(UNSEEN, escaped);
}

export function escaped(character: string): string {
  return SHORT[character] ?? `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}

/** Lone surrogates as U+FFFD, as every encoder of UTF-8 writes them, and so every tokenizer reads them. */
export function wellFormed(text: string): string {
  return text.replaceAll(/\p{Cs}/gu, '\uFFFD');
}
