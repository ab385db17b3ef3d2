/** A piece of a text, and whether it stands for something that would not show by itself. */
export interface VisiblePart {
  readonly text: string;
  readonly standsFor: boolean;
}

const SIGNS: ReadonlyMap<string, string> = new Map([
  [' ', '·'],
  ['\n', '↵'],
  ['\t', '⇥'],
]);

/**
 * White space, controls, what turns the direction of writing, halves of surrogate pairs and noncharacters. Not the joiner
 * U+200D, which holds emoji together.
 */
const UNSEEN = /( |[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{NChar}]|(?!\u200d)\p{Cf})/u;

/** A token's text with all that would not show, or would turn round what comes after it, made visible: `·`, `↵`, `U+202E`. */
export function visibleParts(text: string): readonly VisiblePart[] {
  return text
    .split(UNSEEN)
    .filter((part) => part !== '')
    .map((part) =>
      UNSEEN.test(part)
        ? { text: signOf(part), standsFor: true }
        : { text: part, standsFor: false },
    );
}

/** The same as one text. Well-formed, and without any character that XML forbids. */
export function visibleText(text: string): string {
  return visibleParts(text)
    .map((part) => part.text)
    .join('');
}

/** Likewise, for a sentence: spaces stay spaces. */
export function visibleSentence(text: string): string {
  return text.split(' ').map(visibleText).join(' ');
}

function signOf(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return SIGNS.get(character) ?? `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
}
