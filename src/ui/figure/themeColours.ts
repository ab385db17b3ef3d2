import { useSyncExternalStore } from 'react';

const DARK = '(prefers-color-scheme: dark)';
const REDUCED = '(prefers-reduced-motion: reduce)';

export type ColourScheme = 'light' | 'dark';

/** What the page looks like now. What is drawn on a canvas is drawn again when it changes. */
export function useColourScheme(): ColourScheme {
  return useSyncExternalStore(onSchemeChange, colourScheme);
}

export function usePrefersReducedMotion(): boolean {
  return useSyncExternalStore(onMotionChange, () => matchMedia(REDUCED).matches);
}

/** The colour that a CSS value such as `var(--lane-0, var(--ink))` has inside an element, as `rgb(…)`; of another scheme if asked. */
export function resolveColour(element: Element, value: string, scheme?: ColourScheme): string {
  return resolveColours(element, [value], scheme)[0] ?? '';
}

/** Of several values at once, for which the browser computes styles once. */
export function resolveColours(
  element: Element,
  values: readonly string[],
  scheme?: ColourScheme,
): string[] {
  const probes = values.map((value) => {
    const probe = document.createElement('span');
    if (scheme !== undefined) probe.style.colorScheme = scheme;
    probe.style.color = value;
    return probe;
  });
  element.append(...probes);
  const colours = probes.map((probe) => getComputedStyle(probe).color);
  for (const probe of probes) probe.remove();
  return colours;
}

function colourScheme(): ColourScheme {
  const chosen = getComputedStyle(document.documentElement).colorScheme;
  if (chosen === 'light' || chosen === 'dark') return chosen;
  return matchMedia(DARK).matches ? 'dark' : 'light';
}

function onSchemeChange(notify: () => void): () => void {
  const media = matchMedia(DARK);
  const observer = new MutationObserver(notify);
  media.addEventListener('change', notify);
  observer.observe(document.documentElement, { attributeFilter: ['data-theme'] });
  return () => {
    media.removeEventListener('change', notify);
    observer.disconnect();
  };
}

function onMotionChange(notify: () => void): () => void {
  const media = matchMedia(REDUCED);
  media.addEventListener('change', notify);
  return () => media.removeEventListener('change', notify);
}
