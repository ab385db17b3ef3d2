const MOST_PATTERN_LENGTH = 10_000;
/** What may be repeated a number of times that the text decides: behind a group or a character. */
const OPEN_QUANTIFIER = /^(?:[*+]|\{\d+,(\d*)\})/;

/**
 * Refuses regular expressions that could keep the tokenizer busy for ever: those in which something that repeats is itself
 * repeated, as in (a+)+, where the time that a text takes may double with each character. Tokenizers have no need of them.
 * What is left is what alternatives that overlap can do, as in (a|a)*, and times that grow with a power of the text's length.
 *
 * @param json a tokenizer.json, parsed
 * @throws TypeError
 */
export function checkPatterns(json: unknown): void {
  const waiting: unknown[] = [json];
  for (let value = waiting.pop(); value !== undefined; value = waiting.pop()) {
    if (typeof value !== 'object' || value === null) continue;
    const { Regex: pattern } = value as { readonly Regex?: unknown };
    if (typeof pattern === 'string') checkPattern(pattern);
    for (const child of Object.values(value)) {
      if (typeof child === 'object' && child !== null) waiting.push(child);
    }
  }
}

function checkPattern(pattern: string): void {
  if (pattern.length > MOST_PATTERN_LENGTH) {
    throw new TypeError(`a pattern of ${pattern.length} characters is too long`);
  }
  /** Of each group that is open, whether something in it repeats. */
  const repeats = [false];
  let inClass = 0;
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at];
    if (character === '\\') at++;
    else if (character === '[') inClass++;
    else if (character === ']') inClass = Math.max(0, inClass - 1);
    else if (inClass > 0) continue;
    else if (character === '(') repeats.push(false);
    else if (character === ')') {
      const inside = repeats.length > 1 && repeats.pop();
      if (inside && OPEN_QUANTIFIER.test(pattern.slice(at + 1, at + 24))) {
        throw new TypeError(`the pattern ${pattern.slice(0, 80)} repeats what repeats`);
      }
      if (inside) repeats[repeats.length - 1] = true;
    } else if (OPEN_QUANTIFIER.test(pattern.slice(at, at + 24))) repeats[repeats.length - 1] = true;
  }
}
