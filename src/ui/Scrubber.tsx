import { useId } from 'react';
import styles from './Field.module.css';

interface ScrubberProps {
  /** What is gone through, as in "Position 3 of 63". */
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly value: number;
  readonly onChange: (value: number) => void;
}

/** A slider through numbered things, which says where it is. */
export function Scrubber({ name, min, max, value, onChange }: ScrubberProps) {
  const id = useId();
  // Without an id the label would be that of the output, which comes first.
  return (
    <label htmlFor={id} className={`${styles.field} ${styles.scrubber}`}>
      <span>
        {name} <output>{value}</output> of {max}
      </span>
      <input
        id={id}
        type="range"
        min={min}
        max={max}
        value={value}
        onChange={({ target }) => onChange(target.valueAsNumber)}
      />
    </label>
  );
}
