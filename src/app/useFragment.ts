import { useSyncExternalStore } from 'react';

/** The fragment of the page's address, without its `#`; empty if there is none. Follows links, back and forward. */
export function useFragment(): string {
  return useSyncExternalStore(subscribe, () => window.location.hash.slice(1));
}

function subscribe(changed: () => void): () => void {
  window.addEventListener('hashchange', changed);
  return () => window.removeEventListener('hashchange', changed);
}
