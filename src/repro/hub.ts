/** Characters of a hub's address. */
export const LONGEST_HUB = 200;

const LONGEST_PART = 96;
const PART = /^[A-Za-z0-9_][A-Za-z0-9._-]*$/;

/** An address that a hub may have, as links carry it: http or https, nothing secret in it, and no '/' at its end. */
export function isHubAddress(text: string): boolean {
  if (text.length > LONGEST_HUB || !/^https?:\/\//.test(text) || !URL.canParse(text)) return false;
  const { username, password, search, hash, href } = new URL(text);
  const plain = [username, password, search, hash].every((part) => part === '');
  // As a URL that was read and written again, so that what is shown is what is asked.
  return plain && href.replace(/\/$/, '') === text;
}

/** owner/name, as hubs take it. */
export function isRepositoryId(text: string): boolean {
  const parts = text.split('/');
  return (
    parts.length === 2 &&
    parts.every((part) => PART.test(part) && part.length <= LONGEST_PART && !part.includes('..'))
  );
}

/** 40 lower-case hexadecimal digits. */
export function isCommit(text: string): boolean {
  return /^[0-9a-f]{40}$/.test(text);
}
