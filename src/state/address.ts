/** The page's address and its history of addresses, as far as the playground uses them. A test has its own. */
export interface Address {
  /** The whole of it. */
  readonly href: () => string;
  /** Was its link written by this page, about a run of this visitor? Outlives a reload. */
  readonly isOwn: () => boolean;
  /** Was the page loaded again, rather than visited? */
  readonly wasReloaded: () => boolean;
  /** In a new entry of the history, or in the place of the present one. */
  readonly write: (href: string, entry: 'new' | 'present', own: boolean) => void;
  /** Tells when the visitor has gone to another address of this page: back, forward, or a link that was pasted in. */
  readonly onVisit: (visited: () => void) => () => void;
}

/** The address bar of this window. */
export function browserAddress(): Address {
  let known = window.location.href;
  return {
    href: () => window.location.href,
    isOwn: () => isOwnEntry(window.history.state),
    wasReloaded: () =>
      window.performance
        .getEntriesByType('navigation')
        .some((entry) => entry instanceof PerformanceNavigationTiming && entry.type === 'reload'),
    write: (href, entry, own) => {
      try {
        if (entry === 'new') window.history.pushState({ own }, '', href);
        else window.history.replaceState({ own }, '', href);
      } catch {
        // Safari takes a hundred of these in half a minute. The next one is then right again.
      }
      known = window.location.href;
    },
    onVisit: (visited) => {
      // Browsers tell of some visits by both events, of some by one of them.
      const look = () => {
        if (window.location.href === known) return;
        known = window.location.href;
        visited();
      };
      window.addEventListener('popstate', look);
      window.addEventListener('hashchange', look);
      return () => {
        window.removeEventListener('popstate', look);
        window.removeEventListener('hashchange', look);
      };
    },
  };
}

function isOwnEntry(state: unknown): boolean {
  return typeof state === 'object' && state !== null && 'own' in state && state.own === true;
}
