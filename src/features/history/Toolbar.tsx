import { useRef } from 'react';
import { useHistory } from '../../state/HistoryContext';
import { saveFile } from '../../ui/figure/save';
import styles from './Toolbar.module.css';
import { usePresentRun } from './usePresentRun';

/** What can be done to all runs, and to the one on screen. */
export function Toolbar() {
  const entries = useHistory((history) => history.entries) ?? [];
  const unreadable = useHistory((history) => history.unreadable);
  const exportAll = useHistory((history) => history.exportAll);
  const clear = useHistory((history) => history.clear);
  const empty = entries.length === 0;

  const download = async () => {
    const text = await exportAll();
    saveFile(new Blob([text], { type: 'application/json' }), 'rope-collapse-runs.json');
  };

  return (
    <div className={styles.toolbar} role="group" aria-label="All runs">
      <OpenFile />
      <PinPresent />
      <button
        type="button"
        className={styles.action}
        aria-disabled={empty}
        onClick={() => {
          if (!empty) void download();
        }}
      >
        Download all
      </button>
      <button
        type="button"
        className={styles.action}
        aria-disabled={empty && unreadable === 0}
        onClick={() => {
          if (!empty || unreadable > 0) void clear();
        }}
      >
        Delete all
      </button>
    </div>
  );
}

function OpenFile() {
  const openFiles = useHistory((history) => history.openFiles);
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button
        type="button"
        className={styles.action}
        title="A JSON file that this page has saved; it can also be dropped anywhere on the page"
        onClick={() => input.current?.click()}
      >
        Open a bundle…
      </button>
      <input
        ref={input}
        type="file"
        accept=".json,application/json"
        multiple
        hidden
        onChange={({ target }) => {
          void openFiles([...(target.files ?? [])]);
          // The same file may be chosen again.
          target.value = '';
        }}
      />
    </>
  );
}

function PinPresent() {
  const pin = useHistory((history) => history.pin);
  const pinned = useHistory((history) => history.pinned);
  const present = usePresentRun();
  const listed = useHistory(({ entries }) => entries?.some(({ key }) => key === present?.key));
  const isPinned = present !== null && present.key === pinned?.key;
  const possible = present !== null && listed === true;
  return (
    <button
      type="button"
      className={styles.action}
      aria-pressed={isPinned}
      aria-disabled={!possible}
      title="The runs that follow are compared with it"
      onClick={() => {
        if (possible) void pin(isPinned ? null : present.key);
      }}
    >
      Pin this run
    </button>
  );
}
