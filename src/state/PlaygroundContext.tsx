import { createContext, type ReactNode, useContext } from 'react';
import { useStore } from 'zustand';
import type { StoreApi } from 'zustand/vanilla';
import type { Playground } from './playground';

const PlaygroundContext = createContext<StoreApi<Playground> | null>(null);

export function PlaygroundProvider({
  playground,
  children,
}: {
  readonly playground: StoreApi<Playground>;
  readonly children: ReactNode;
}) {
  return <PlaygroundContext value={playground}>{children}</PlaygroundContext>;
}

/** A part of the page's state; the component renders again when that part changes. */
export function usePlayground<T>(select: (playground: Playground) => T): T {
  const playground = useContext(PlaygroundContext);
  if (playground === null) throw new Error('usePlayground outside of PlaygroundProvider');
  return useStore(playground, select);
}
