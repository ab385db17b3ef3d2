import { useRef } from 'react';
import { MOST_RUNS } from '../../state/historyList';
import { useHistory } from '../../state/HistoryContext';
import { DropZone } from './DropZone';
import { Notice } from './Notice';
import { PinnedComparison } from './PinnedComparison';
import styles from './RunHistory.module.css';
import { RunList } from './RunList';
import { Toolbar } from './Toolbar';

/** The visitor's runs: those of this visit and of earlier ones, and the one that is pinned beside the one on screen. */
export function RunHistory() {
  const entries = useHistory((history) => history.entries);
  const summary = useRef<HTMLElement>(null);
  return (
    <section className={styles.history} aria-label="Your runs">
      <PinnedComparison onUnpin={() => summary.current?.focus()} />
      <Notice />
      <details className={styles.panel}>
        <summary ref={summary} className={styles.summary}>
          <span className={styles.title}>Your runs</span>
          <span className={styles.gist}>{countText(entries?.length ?? null)}</span>
        </summary>
        <div className={styles.body}>
          <p className="note">
            Every run that ends is kept here by itself, in this browser and nowhere else: the last{' '}
            {MOST_RUNS}, or fewer long ones.
          </p>
          <Toolbar />
          <RunList />
        </div>
      </details>
      <DropZone />
    </section>
  );
}

function countText(count: number | null): string {
  if (count === null) return '';
  if (count === 0) return 'none yet';
  return count === 1 ? 'one run' : `${count} runs`;
}
