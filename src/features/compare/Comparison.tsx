import { useEffect, useRef } from 'react';
import { usePlayground } from '../../state/PlaygroundContext';
import { recordOf, type Run } from '../../state/run';
import styles from './Comparison.module.css';
import { LaneFacts } from './LaneFacts';
import { Provenance } from './Provenance';
import { TokenStrips } from './TokenStrips';
import { Verdict } from './Verdict';

const AT_WORK = '[data-keeps-view]:is(:focus-within, :hover)';

/** The run on screen: what came of it, what it was made from, and its lanes, token by token. */
export function Comparison() {
  const run = usePlayground((playground) => playground.run);
  const record = recordOf(run);
  const head = useRef<HTMLElement>(null);
  const runId = record?.runId;

  // On a small screen a run begins below the controls: bring it into view, by no more than is needed. Not while the
  // visitor is at work in a panel whose every change runs.
  useEffect(() => {
    if (runId === undefined || document.querySelector(AT_WORK) !== null) return;
    head.current?.scrollIntoView({ block: 'nearest' });
  }, [runId]);

  return (
    <section className={styles.comparison} aria-label="Comparison" data-run={run.status}>
      <header ref={head} className={styles.head}>
        <Verdict run={run} />
        <Provenance run={run} />
      </header>
      {record === null ? (
        <p className={styles.blank} aria-hidden="true">
          ● ▲
        </p>
      ) : (
        <>
          <TokenStrips key={record.runId} record={record} growing={isGrowing(run)} />
          <div className={styles.lanes}>
            {record.lanes.map((lane, i) => (
              <LaneFacts key={i} lane={lane} index={i} />
            ))}
          </div>
        </>
      )}
    </section>
  );
}

function isGrowing({ status }: Run): boolean {
  return status === 'running' || status === 'stopping';
}
