import { LaneMark } from '../../ui/lane';
import type { InspectedRun } from './inspectedRun';
import styles from './LaneKey.module.css';

/** Which shape and colour is which lane, and which lanes hold no numbers. */
export function LaneKey({ run: { record, lanes } }: { readonly run: InspectedRun }) {
  return (
    <ul className={styles.key} aria-label="Lanes">
      {lanes.map(({ index, name }) => {
        const { steps = [], stopped } = record.lanes[index] ?? {};
        return (
          <li key={index}>
            <LaneMark lane={index} /> {name}
            {stopped === 'non-finite' && (
              <span className={styles.nan}>
                {' '}
                (NaN, not a number, from token {steps.length + 1} on)
              </span>
            )}
          </li>
        );
      })}
    </ul>
  );
}
