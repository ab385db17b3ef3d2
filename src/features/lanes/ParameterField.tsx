import { useId, useState } from 'react';
import type { FaultParameter } from '../../core/faults';
import { withinBounds } from '../../core/faultText';
import styles from './LaneCard.module.css';

interface ParameterFieldProps {
  readonly parameter: FaultParameter;
  readonly value: number;
  readonly onChange: (value: number) => void;
}

/** Up to this many steps a slider can be set to each of its values. */
const MOST_STEPS = 128;

/** A fault's parameter: a slider where that is fine enough, else a number. A seed can be drawn anew. */
export function ParameterField({ parameter, value, onChange }: ParameterFieldProps) {
  const { name, label, min, max } = parameter;
  const step = stepOf(parameter);
  if ((max - min) / step <= MOST_STEPS) {
    return (
      <label className={styles.field}>
        <span>
          {label}: <span className={styles.value}>{value}</span>
        </span>
        <input
          type="range"
          min={min}
          max={max}
          step={step}
          value={value}
          aria-label={label}
          onChange={(event) => onChange(event.target.valueAsNumber)}
        />
      </label>
    );
  }
  return (
    <div className={styles.number}>
      <NumberField parameter={parameter} value={value} onChange={onChange} />
      {name === 'seed' && (
        <button type="button" className={styles.small} onClick={() => onChange(newSeed(max))}>
          New seed
        </button>
      )}
    </div>
  );
}

/** What is typed stays as typed while the field has the focus; it counts as soon as it is within the bounds. */
function NumberField({ parameter, value, onChange }: ParameterFieldProps) {
  const { label, min, max, integer } = parameter;
  const id = useId();
  const [typed, setTyped] = useState<string | null>(null);
  const isValid = (text: string) => text !== '' && withinBounds(parameter, Number(text));
  const invalid = typed !== null && !isValid(typed);
  return (
    <label className={styles.field}>
      <span>{label}</span>
      <input
        type="number"
        inputMode={integer ? 'numeric' : 'decimal'}
        min={min}
        max={max}
        step={integer ? 1 : 'any'}
        value={typed ?? String(value)}
        aria-invalid={invalid}
        aria-describedby={invalid ? id : undefined}
        onChange={({ target }) => {
          setTyped(target.value);
          if (isValid(target.value)) onChange(Number(target.value));
        }}
        onBlur={() => setTyped(null)}
      />
      {invalid && (
        <span id={id} className={styles.invalid}>
          {integer ? 'A whole number' : 'A number'} from {min} to {max}
        </span>
      )}
    </label>
  );
}

function stepOf({ min, max, integer }: FaultParameter): number {
  if (integer) return 1;
  return max - min <= 1 ? 0.01 : 0.5;
}

/** Short enough to be read out and typed elsewhere. */
function newSeed(max: number): number {
  return Math.floor(Math.random() * Math.min(max, 9999)) + 1;
}
