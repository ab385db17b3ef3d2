import { numberText } from '../../ui/figure/numberText';
import { LaneMark } from '../../ui/lane';
import styles from './Dials.module.css';
import { handAt, handDegrees } from './hand';
import type { LaneTables } from './ropeLanes';

interface DialReadingProps {
  readonly lanes: readonly LaneTables[];
  readonly pair: number;
  readonly position: number;
}

/** One pair at one position: where every lane's hand points. */
export function DialReading({ lanes, pair, position }: DialReadingProps) {
  return (
    <>
      <p>
        Pair {pair} at position {position}
      </p>
      <ul className={styles.reading}>
        {lanes.map(({ index, name, tables }) => (
          <li key={index}>
            <LaneMark lane={index} /> {name} <b>{degreesText(tables, pair, position)}</b>
          </li>
        ))}
      </ul>
    </>
  );
}

/** The same as a sentence. */
export function dialSentence({ lanes, pair, position }: DialReadingProps): string {
  const parts = lanes.map(({ name, tables }) => `${name} ${degreesText(tables, pair, position)}`);
  return `Pair ${pair} at position ${position}: ${parts.join('; ')}.`;
}

function degreesText(tables: LaneTables['tables'], pair: number, position: number): string {
  const degrees = handDegrees(handAt(tables, pair, position));
  return Number.isNaN(degrees) ? 'NaN' : `${numberText(degrees)}°`;
}
