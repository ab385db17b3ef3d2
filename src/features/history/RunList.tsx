import { useEffect, useId, useRef, useState } from 'react';
import { matching } from '../../state/historyList';
import { useHistory } from '../../state/HistoryContext';
import { RunEntry } from './RunEntry';
import styles from './RunList.module.css';
import { usePresentRun } from './usePresentRun';

/** The runs that are kept, the newest first, and what finds one of them. */
export function RunList() {
  const entries = useHistory((history) => history.entries);
  const unreadable = useHistory((history) => history.unreadable);
  const [query, setQuery] = useState('');
  const present = usePresentRun();
  const search = useId();
  const list = useRef<HTMLOListElement>(null);
  if (entries === null) return <p className="note">Looking for runs of earlier visits…</p>;
  const found = matching(entries, query);
  return (
    <div className={styles.runs}>
      {entries.length > 0 && (
        <div className={styles.search}>
          <label htmlFor={search}>Search</label>
          <input
            id={search}
            type="search"
            value={query}
            placeholder="prompt, fault, lane or model"
            onChange={({ target }) => setQuery(target.value)}
          />
          <span role="status" className="note">
            {query.trim() !== '' && `${found.length} of ${entries.length}`}
          </span>
        </div>
      )}
      <Undo onDone={() => list.current?.focus()} />
      {entries.length === 0 ? (
        <p className={styles.empty}>
          Nothing yet. Press Run: the run appears here when it has ended, with its prompt, its lanes
          and where they part.
        </p>
      ) : found.length === 0 ? (
        <p className={styles.empty}>No run has all of these words.</p>
      ) : (
        <ol ref={list} tabIndex={-1} className={styles.list} aria-label="Runs, the newest first">
          {found.map((entry) => (
            <RunEntry key={entry.key} entry={entry} isPresent={entry.key === present?.key} />
          ))}
        </ol>
      )}
      {unreadable > 0 && (
        <p className="note">
          {unreadable === 1 ? 'One more run' : `${unreadable} more runs`} cannot be read, and{' '}
          {unreadable === 1 ? 'is' : 'are'} left out.
        </p>
      )}
    </div>
  );
}

function Undo({ onDone }: { readonly onDone: () => void }) {
  const deleted = useHistory((history) => history.deleted);
  const undo = useHistory((history) => history.undo);
  const button = useRef<HTMLButtonElement>(null);

  // The button that had the focus went with its run: the way back takes it.
  useEffect(() => {
    if (deleted.length > 0) button.current?.focus();
  }, [deleted]);

  return (
    <p className={styles.undo} aria-live="polite">
      {deleted.length > 0 && (
        <>
          {deleted.length === 1 ? 'Deleted one run.' : `Deleted ${deleted.length} runs.`}{' '}
          <button
            ref={button}
            type="button"
            className={styles.link}
            onClick={() => {
              void undo().then(onDone);
            }}
          >
            Undo
          </button>
        </>
      )}
    </p>
  );
}
