/** Id of the fixture's one special token. */
export const END_ID = 0;

/**
 * A byte-level tokenizer.json: an end token, the 256 bytes (byte b is id b + 1), and tokens made by merges.
 *
 * @param merges pairs of byte strings that become one token each, ids from 257 in this order
 */
export function byteLevelTokenizer(
  merges: readonly (readonly [left: readonly number[], right: readonly number[]])[] = [],
): string {
  const vocab: Record<string, number> = { '<|end|>': END_ID };
  for (let byte = 0; byte < 256; byte++) vocab[symbols([byte])] = byte + 1;
  merges.forEach(([left, right], i) => (vocab[symbols([...left, ...right])] = 257 + i));
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true };
  return JSON.stringify({
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: [
      {
        id: END_ID,
        content: '<|end|>',
        single_word: false,
        lstrip: false,
        rstrip: false,
        normalized: false,
        special: true,
      },
    ],
    normalizer: null,
    pre_tokenizer: { ...byteLevel, use_regex: true },
    post_processor: null,
    decoder: { ...byteLevel, use_regex: true },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      vocab,
      merges: merges.map(([left, right]) => [symbols(left), symbols(right)]),
    },
  });
}

/** Bytes as GPT-2's byte-level alphabet writes them: printable ones as themselves, the rest from U+0100 on. */
function symbols(bytes: readonly number[]): string {
  return bytes.map((byte) => ALPHABET[byte] ?? '').join('');
}

const ALPHABET = Array.from({ length: 256 }, (_, byte) => byte).map((byte, _, all) => {
  const printable = (b: number) => (b >= 33 && b <= 126) || (b >= 161 && b !== 173);
  if (printable(byte)) return String.fromCodePoint(byte);
  return String.fromCodePoint(256 + all.slice(0, byte).filter((b) => !printable(b)).length);
});
