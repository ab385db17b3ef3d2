import { type ReactNode, useMemo } from 'react';
import { finishedRunOf } from '../../state/finishedRun';
import { usePlayground } from '../../state/PlaygroundContext';
import { recordOf } from '../../state/run';
import { PassOn } from './PassOn';
import styles from './Share.module.css';

interface ShareProps {
  /** More ways to pass the run on. */
  readonly children?: ReactNode;
}

/** Ways to pass the run on screen on to somebody else. Always in its place, so that nothing moves when there is a run. */
export function Share({ children }: ShareProps) {
  const record = usePlayground(({ run }) => recordOf(run));
  const view = usePlayground((playground) => playground.view);
  const pinnedStep = usePlayground((playground) => playground.pinnedStep);
  const run = useMemo(() => record && finishedRunOf(record), [record]);
  return (
    <section className={styles.share} aria-label="Pass it on">
      <PassOn key={record?.runId} shown={run && { run, view, pinnedStep }}>
        {children}
      </PassOn>
    </section>
  );
}
