import type { Address } from '../address';

interface Entry {
  readonly href: string;
  readonly own: boolean;
}

/** A browser's address bar and history, without a browser. */
export function createMemoryAddress(href: string, { reloaded = false, own = false } = {}) {
  let entries: readonly Entry[] = [{ href, own }];
  let at = 0;
  let writes = 0;
  let visited: () => void = () => undefined;
  const present = () => entries[at] ?? { href, own: false };
  const go = (to: number) => {
    if (to < 0 || to >= entries.length) throw new Error('there is no such entry');
    at = to;
    visited();
  };
  const put = (entry: Entry, kind: 'new' | 'present') => {
    if (kind === 'new') at++;
    entries = [...entries.slice(0, at), entry, ...(kind === 'new' ? [] : entries.slice(at + 1))];
  };
  const address: Address = {
    href: () => present().href,
    isOwn: () => present().own,
    wasReloaded: () => reloaded,
    write: (to, kind, own) => {
      writes++;
      put({ href: to, own }, kind);
    },
    onVisit: (listener) => {
      visited = listener;
      return () => (visited = () => undefined);
    },
  };
  return {
    address,
    back: () => go(at - 1),
    forward: () => go(at + 1),
    /** What a visitor types or pastes. */
    paste: (to: string) => {
      put({ href: to, own: false }, 'new');
      visited();
    },
    hrefs: () => entries.map((entry) => entry.href),
    at: () => at,
    writes: () => writes,
  };
}
