import styles from './Field.module.css';

interface SelectProps {
  readonly label: string;
  /** Number of each choice, and what it is called. */
  readonly options: readonly (readonly [value: number, label: string])[];
  readonly value: number;
  readonly onChange: (value: number) => void;
}

/** One of several numbered things: a lane, a layer, a head. */
export function Select({ label, options, value, onChange }: SelectProps) {
  return (
    <label className={styles.field}>
      {label}
      <select value={value} onChange={({ target }) => onChange(Number(target.value))}>
        {options.map(([option, name]) => (
          <option key={option} value={option}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

/** Choices 0 to count − 1: "layer 0", "layer 1"… */
export function numbered(name: string, count: number): (readonly [number, string])[] {
  return Array.from({ length: count }, (_, i) => [i, `${name} ${i}`] as const);
}

/** Choices of a lane, by name. */
export function laneChoices(
  lanes: readonly { readonly index: number; readonly name: string }[],
): (readonly [number, string])[] {
  return lanes.map(({ index, name }) => [index, `${index + 1}. ${name}`] as const);
}
