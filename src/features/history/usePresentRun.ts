import { useMemo } from 'react';
import type { FinishedRun } from '../../repro/repro';
import { finishedRunOf } from '../../state/finishedRun';
import { keyOf } from '../../state/historyEntry';
import { usePlayground } from '../../state/PlaygroundContext';

/** The run on screen, once it has ended, and its key in the history. */
export function usePresentRun(): { readonly run: FinishedRun; readonly key: string } | null {
  const record = usePlayground(({ run }) => (run.status === 'done' ? run.record : null));
  return useMemo(() => {
    const run = record && finishedRunOf(record);
    return run && { run, key: keyOf(run) };
  }, [record]);
}
