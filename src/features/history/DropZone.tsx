import { useCallback } from 'react';
import { useHistory } from '../../state/HistoryContext';
import { useFileDrop } from '../../ui/useFileDrop';
import styles from './DropZone.module.css';

/** The whole window takes files of runs, and says so while one is dragged over it. */
export function DropZone() {
  const openFiles = useHistory((history) => history.openFiles);
  const over = useFileDrop(
    useCallback((files: readonly File[]) => void openFiles(files), [openFiles]),
  );

  return (
    <div className={styles.zone} hidden={!over} data-drop-zone>
      <p className={styles.hint}>
        Drop it here.
        <span>The JSON file of a run opens the run; the folder of a model is looked at.</span>
      </p>
    </div>
  );
}
