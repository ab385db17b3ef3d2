import type { Key } from '../../ui/figure/svg';
import { laneColour, LaneMark } from '../../ui/lane';
import styles from './LaneKey.module.css';
import type { RopeLane } from './ropeLanes';

/** Which shape and colour is which lane. */
export function LaneKey({ lanes }: { readonly lanes: readonly RopeLane[] }) {
  return (
    <ul className={styles.key} aria-label="Lanes">
      {lanes.map(({ index, name }) => (
        <li key={index}>
          <LaneMark lane={index} /> {name}
        </li>
      ))}
    </ul>
  );
}

/** The same, for a picture that stands by itself. */
export function keysOf(lanes: readonly RopeLane[]): Key[] {
  return lanes.map(({ index, name }) => ({ lane: index, name, colour: laneColour(index) }));
}
