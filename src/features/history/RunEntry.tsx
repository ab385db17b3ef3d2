import { useId } from 'react';
import type { HistoryEntry } from '../../state/historyEntry';
import { useHistory } from '../../state/HistoryContext';
import { figureFileName } from '../../ui/figure/fileName';
import { saveFile } from '../../ui/figure/save';
import { LaneMark } from '../../ui/lane';
import { visibleSentence } from '../../ui/visibleText';
import { lanesText, partingText, timeText } from './entryText';
import styles from './RunEntry.module.css';

interface RunEntryProps {
  readonly entry: HistoryEntry;
  /** Is it the one on screen? */
  readonly isPresent: boolean;
}

/** One run of the list, and what can be done with it. */
export function RunEntry({ entry, isPresent }: RunEntryProps) {
  const { at, prompt, lanes, model, mode, executionProvider, pinned } = entry;
  const name = useId();
  return (
    <li className={styles.entry} data-pinned={pinned} aria-current={isPresent}>
      <div className={styles.what}>
        <p id={name} className={styles.prompt} dir="auto" title={visibleSentence(prompt)}>
          {visibleSentence(prompt)}
        </p>
        <p className={styles.parting}>
          {lanes.slice(1).map((_, i) => (
            <LaneMark key={i} lane={i + 1} />
          ))}{' '}
          <bdi>{visibleSentence(lanesText(entry))}</bdi>: {partingText(entry)}
        </p>
        <p className={styles.facts}>
          {isPresent && <strong>On screen. </strong>}
          <time dateTime={new Date(at).toISOString()}>{timeText(at)}</time>
          {mode === 'teacher-forced' && ', teacher-forced'}, {visibleSentence(model.id)}{' '}
          <code>{model.sha256.slice(0, 8)}</code>,{' '}
          {executionProvider === 'webgpu' ? 'WebGPU' : 'WASM'}
        </p>
      </div>
      <Actions entry={entry} name={name} />
    </li>
  );
}

function Actions({ entry, name }: { readonly entry: HistoryEntry; readonly name: string }) {
  const { key, pinned, prompt, model } = entry;
  const open = useHistory((history) => history.open);
  const pin = useHistory((history) => history.pin);
  const remove = useHistory((history) => history.remove);
  const jsonOf = useHistory((history) => history.jsonOf);

  const download = async () => {
    const json = await jsonOf(key);
    if (json === null) return;
    const file = new Blob([json], { type: 'application/json' });
    saveFile(file, figureFileName(['run', model.id, prompt], 'json'));
  };

  return (
    <div className={styles.actions}>
      <button
        type="button"
        className={styles.action}
        title="Run it again, and compare with what is kept"
        aria-describedby={name}
        onClick={() => void open(key)}
      >
        Open
      </button>
      <button
        type="button"
        className={styles.action}
        title="Compare the run on screen with this one"
        aria-describedby={name}
        aria-pressed={pinned}
        onClick={() => void pin(pinned ? null : key)}
      >
        {pinned ? 'Pinned' : 'Pin'}
      </button>
      <button
        type="button"
        className={styles.action}
        aria-describedby={name}
        onClick={() => void download()}
      >
        Download JSON
      </button>
      <button
        type="button"
        className={styles.action}
        aria-describedby={name}
        onClick={() => void remove(key)}
      >
        Delete
      </button>
    </div>
  );
}
