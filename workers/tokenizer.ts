import { Tokenizer as HuggingFaceTokenizer } from '@huggingface/tokenizers';
import { Failure } from '../src/core/errors';
import type { TextToken } from '../src/protocol/engineApi';
import { checkPatterns } from './tokenizerPatterns';

/** How decoders show a character whose bytes are not all there yet: it has at most four, so three at most are shown so. */
const INCOMPLETE = /\uFFFD{1,3}$/;
/** Tokens of context that a decoder sees before a new one: enough for decoders that treat a text's start differently. */
const CONTEXT = 4;

/** tokenizer.json, ready to use. The byte-pair encoding itself is the library's. */
export class Tokenizer {
  readonly #tokenizer: HuggingFaceTokenizer;
  readonly #special: ReadonlySet<number>;
  readonly #words = new Map<number, string>();

  private constructor(tokenizer: HuggingFaceTokenizer) {
    this.#tokenizer = tokenizer;
    this.#special = new Set(
      [...tokenizer.get_added_tokens_decoder()]
        .filter(([, token]) => token.special)
        .map(([id]) => id),
    );
  }

  /**
   * @param json text of tokenizer.json
   * @param configJson text of tokenizer_config.json, if there is one
   * @throws Failure tokenizer-invalid
   */
  static parse(json: string, configJson = '{}'): Tokenizer {
    try {
      const parsed = parseObject(json);
      checkPatterns(parsed);
      const tokenizer = new HuggingFaceTokenizer(parsed, parseObject(configJson));
      // A tokenizer of an unknown kind is constructed without complaint and fails at the first text.
      if (!tokenizer.encode('a').ids.every(isTokenId)) throw new TypeError('it has no model');
      dropVocabulary(parsed);
      return new Tokenizer(tokenizer);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message.slice(0, 200) : 'unknown reason';
      throw new Failure('tokenizer-invalid', `tokenizer.json is not valid: ${why}`, { cause });
    }
  }

  /**
   * Token ids of a text, with the special tokens that the model expects around it.
   * @throws Failure tokenizer-invalid: what its file says does not do for this text
   */
  encode(text: string): number[] {
    let ids: unknown[];
    try {
      ({ ids } = this.#tokenizer.encode(text));
    } catch (cause) {
      const why = cause instanceof Error ? cause.message.slice(0, 200) : 'unknown reason';
      throw new Failure('tokenizer-invalid', `tokenizer.json does not read this text: ${why}`, {
        cause,
      });
    }
    if (ids.every(isTokenId)) return ids;
    throw new Failure('tokenizer-invalid', 'tokenizer.json has no token for a part of this text.');
  }

  /** Text of ids, without special tokens. */
  decode(ids: readonly number[]): string {
    return ids.length === 0
      ? ''
      : this.#tokenizer.decode([...ids], {
          skip_special_tokens: true,
          clean_up_tokenization_spaces: false,
        });
  }

  isSpecial(id: number): boolean {
    return this.#special.has(id);
  }

  /** Entry of the vocabulary, as tokenizer.json writes it. */
  label(id: number): string {
    return this.#tokenizer.id_to_token(id) ?? `[${id}]`;
  }

  /** Text of one token as it stands inside a sentence: with its leading space. Special tokens give their name. */
  word(id: number): string {
    const known = this.#words.get(id);
    if (known !== undefined) return known;
    const anchor = this.encode('a').filter((token) => !this.isSpecial(token));
    const word = this.isSpecial(id)
      ? this.label(id)
      : this.decode([...anchor, id]).slice(this.decode(anchor).length);
    this.#words.set(id, word);
    return word;
  }

  /** Each token with the text that it adds: the texts joined are the decoded whole. */
  split(ids: readonly number[]): TextToken[] {
    const stream = new TextStream(this);
    return ids.map((id, i) => {
      const text = stream.push(id) + (i === ids.length - 1 ? stream.flush() : '');
      return { id, text, label: this.label(id) };
    });
  }
}

/** Decodes token by token, and gives a character only once all of its bytes are there. */
export class TextStream {
  readonly #tokenizer: Tokenizer;
  #context: number[];
  /** Tokens since the text last stood at the end of a character. */
  #pending: number[] = [];
  /** UTF-16 units of their text that were given already: a token may end one character and begin another. */
  #given = 0;

  /** @param context ids before the first one, so that it is decoded as their continuation */
  constructor(tokenizer: Tokenizer, context: readonly number[] = []) {
    this.#tokenizer = tokenizer;
    this.#context = context.slice(-CONTEXT);
  }

  /** What this token adds to the text: nothing while a character is incomplete, and for special tokens. */
  push(id: number): string {
    if (this.#tokenizer.isSpecial(id)) return '';
    this.#pending.push(id);
    const text = this.#pendingText();
    const complete = text.replace(INCOMPLETE, '');
    const added = complete.slice(this.#given);
    if (complete === text) this.#settle();
    else this.#given += added.length;
    return added;
  }

  /** What is left at the end, incomplete characters as U+FFFD. */
  flush(): string {
    const rest = this.#pendingText().slice(this.#given);
    this.#settle();
    return rest;
  }

  #pendingText(): string {
    const before = this.#tokenizer.decode(this.#context);
    return this.#tokenizer.decode([...this.#context, ...this.#pending]).slice(before.length);
  }

  #settle(): void {
    this.#context = [...this.#context, ...this.#pending].slice(-CONTEXT);
    this.#pending = [];
    this.#given = 0;
  }
}

/** The library gives what the vocabulary says, and undefined for what it does not say. */
function isTokenId(id: unknown): id is number {
  return typeof id === 'number' && Number.isSafeInteger(id) && id >= 0;
}

/** The library keeps the object that it was made from, and has the vocabulary in forms of its own by then. */
function dropVocabulary(parsed: { model?: unknown }): void {
  if (typeof parsed.model !== 'object' || parsed.model === null) return;
  Object.assign(parsed.model, { vocab: undefined, merges: undefined });
}

function parseObject(json: string): object {
  const value: unknown = JSON.parse(json);
  if (typeof value !== 'object' || value === null) throw new TypeError('it is not an object');
  return value;
}
