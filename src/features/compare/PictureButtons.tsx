import { useRef, useState } from 'react';
import { usePlayground } from '../../state/PlaygroundContext';
import { recordOf } from '../../state/run';
import styles from './PictureButtons.module.css';
import type { PictureFormat } from './savePicture';

const FORMATS: readonly PictureFormat[] = ['PNG', 'SVG'];

/** Buttons that save the comparison as a picture, once it has ended. */
export function PictureButtons() {
  const record = usePlayground(({ run }) => recordOf(run));
  const place = useRef<HTMLDivElement>(null);
  const [outcome, setOutcome] = useState('');
  const ended = record !== null && record.summary !== null;

  const save = async (format: PictureFormat) => {
    if (place.current === null || record === null) return;
    try {
      // Drawing it takes code that nobody else needs.
      const { savePicture } = await import('./savePicture');
      setOutcome(`Saved ${await savePicture(format, record, place.current)}`);
    } catch (error) {
      setOutcome(`Not saved: ${error instanceof Error ? error.message : String(error)}`);
    }
  };

  return (
    <div ref={place} className={styles.save}>
      {FORMATS.map((format) => (
        <button
          key={format}
          type="button"
          className={styles.button}
          disabled={!ended}
          onClick={() => void save(format)}
        >
          Save {format}
          <span className="hidden"> of the comparison</span>
        </button>
      ))}
      <output className={styles.outcome}>{outcome}</output>
    </div>
  );
}
