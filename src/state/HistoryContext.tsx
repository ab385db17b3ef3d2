import { createContext, type ReactNode, useContext } from 'react';
import { useStore } from 'zustand';
import type { StoreApi } from 'zustand/vanilla';
import type { History } from './history';

const HistoryContext = createContext<StoreApi<History> | null>(null);

export function HistoryProvider({
  history,
  children,
}: {
  readonly history: StoreApi<History>;
  readonly children: ReactNode;
}) {
  return <HistoryContext value={history}>{children}</HistoryContext>;
}

/** A part of the history; the component renders again when that part changes. */
export function useHistory<T>(select: (history: History) => T): T {
  const history = useContext(HistoryContext);
  if (history === null) throw new Error('useHistory outside of HistoryProvider');
  return useStore(history, select);
}
