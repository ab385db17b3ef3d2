import { useEffect, useState } from 'react';
import { useHistory } from '../../state/HistoryContext';
import styles from './DropZone.module.css';

/** The whole window takes files of runs, and says so while one is dragged over it. */
export function DropZone() {
  const openFiles = useHistory((history) => history.openFiles);
  const [over, setOver] = useState(false);

  useEffect(() => {
    const listening = new AbortController();
    const listen = (type: 'dragover' | 'dragleave' | 'drop', on: (event: DragEvent) => void) =>
      window.addEventListener(type, on, { signal: listening.signal });
    listen('dragover', (event) => {
      if (!bringsFiles(event)) return;
      // Without this the browser would leave the page for the file.
      event.preventDefault();
      setOver(true);
    });
    listen('dragleave', ({ relatedTarget }) => {
      if (relatedTarget === null) setOver(false);
    });
    listen('drop', (event) => {
      setOver(false);
      if (!bringsFiles(event)) return;
      event.preventDefault();
      void openFiles([...(event.dataTransfer?.files ?? [])]);
    });
    return () => listening.abort();
  }, [openFiles]);

  return (
    <div className={styles.zone} hidden={!over} data-drop-zone>
      <p className={styles.hint}>
        Drop it to open the run.
        <span>A JSON file that this page has saved.</span>
      </p>
    </div>
  );
}

/** Text that is dragged within the page is none of ours. */
function bringsFiles({ dataTransfer }: DragEvent): boolean {
  return dataTransfer?.types.includes('Files') === true;
}
