const LONGEST_PART = 48;

/** "Frequencies", "nano-opensci", "The capital of France is" → "frequencies-nano-opensci-the-capital-of-france-is.svg". */
export function figureFileName(parts: readonly string[], extension: string): string {
  const name = parts.map(slug).filter((part) => part !== '');
  return `${name.length === 0 ? 'figure' : name.join('-')}.${extension}`;
}

/** Letters and digits of any script, in lower case; anything else becomes one hyphen. */
function slug(text: string): string {
  const words = text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .match(/[\p{L}\p{N}]+/gu);
  const [name = ''] = new RegExp(`^.{0,${LONGEST_PART}}`, 'u').exec((words ?? []).join('-')) ?? [];
  return name.replace(/-$/, '');
}
