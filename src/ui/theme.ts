import { useState } from 'react';

export type Theme = 'system' | 'light' | 'dark';

const STORAGE_KEY = 'rope-collapse-playground/theme';

function restoreTheme(): Theme {
  try {
    const stored = localStorage.getItem(STORAGE_KEY);
    return stored === 'light' || stored === 'dark' ? stored : 'system';
  } catch {
    return 'system';
  }
}

function showTheme(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

/** Before the first paint, so that the page does not flash. */
export function applyStoredTheme(): void {
  showTheme(restoreTheme());
}

export function useTheme(): readonly [Theme, (theme: Theme) => void] {
  const [theme, setTheme] = useState(restoreTheme);
  const choose = (chosen: Theme) => {
    setTheme(chosen);
    showTheme(chosen);
    try {
      localStorage.setItem(STORAGE_KEY, chosen);
    } catch {
      // Without storage the choice lasts until the page is left.
    }
  };
  return [theme, choose];
}
