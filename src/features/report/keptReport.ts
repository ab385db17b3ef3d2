import type { Report } from './reportSchema';
import { readReport } from './readReport';

const STORAGE_KEY = 'rope-collapse-playground/report';

type KeptStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

/** The report of an earlier visit; null if there is none, or none that can be read now. */
export function restoreReport(storage: () => KeptStorage): Report | null {
  try {
    const text = storage().getItem(STORAGE_KEY);
    return text === null ? null : readReport(text);
  } catch {
    forgetReport(storage);
    return null;
  }
}

/** False where nothing can be kept: the report then lasts until the page is left. */
export function keepReport(storage: () => KeptStorage, text: string): boolean {
  try {
    storage().setItem(STORAGE_KEY, text);
    return true;
  } catch {
    return false;
  }
}

export function forgetReport(storage: () => KeptStorage): void {
  try {
    storage().removeItem(STORAGE_KEY);
  } catch {
    // Where storage is forbidden, nothing is kept.
  }
}
