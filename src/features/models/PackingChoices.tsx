import { useId } from 'react';
import type { Packing, PackingChoice } from '../../protocol/models';
import { byteCount } from '../../ui/numbers';
import { visibleSentence } from '../../ui/visibleText';
import styles from './OwnModel.module.css';
import { PACKING_NAMES } from './surveyText';

interface PackingChoicesProps {
  readonly packings: readonly PackingChoice[];
  readonly recommended: Packing;
  /** One sentence. */
  readonly recommendation: string;
  readonly value: Packing;
  readonly onChange: (packing: Packing) => void;
}

/** How the weights may be held, what memory each way takes, and why some cannot be had. */
export function PackingChoices(props: PackingChoicesProps) {
  const { packings, recommended, recommendation, value, onChange } = props;
  const name = useId();
  return (
    <fieldset className={styles.packings}>
      <legend>Weights in memory</legend>
      {packings.map(({ packing, memoryBytes, obstacle }) => (
        <label key={packing} className={styles.packing} data-off={obstacle !== null || undefined}>
          <input
            type="radio"
            name={name}
            checked={packing === value}
            disabled={obstacle !== null}
            onChange={() => onChange(packing)}
          />
          <span>
            <strong>{PACKING_NAMES[packing]}</strong> · {byteCount(memoryBytes)}
            {packing === recommended && ' · recommended'}
            {obstacle !== null && (
              <span className={styles.reason}>{visibleSentence(obstacle)}</span>
            )}
            {packing === recommended && obstacle === null && (
              <span className={styles.reason}>{visibleSentence(recommendation)}</span>
            )}
          </span>
        </label>
      ))}
    </fieldset>
  );
}
