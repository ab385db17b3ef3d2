import { useId, useState } from 'react';
import styles from './SeedField.module.css';

const MOST = 0xffffffff;

interface SeedFieldProps {
  readonly seed: number;
  /** The memory that is chosen has no seed. */
  readonly disabled: boolean;
  readonly onChange: (seed: number) => void;
}

const isSeed = (text: string) => /^\d{1,10}$/.test(text) && Number(text) <= MOST;

/** The seed of the leftovers, typed or drawn. What is typed counts as soon as it is a seed. */
export function SeedField({ seed, disabled, onChange }: SeedFieldProps) {
  const id = useId();
  const [typed, setTyped] = useState<string | null>(null);
  const invalid = typed !== null && !isSeed(typed);
  return (
    <div className={styles.seed}>
      <label>
        <span>
          Seed<span className="hidden"> of the leftovers</span>
        </span>
        <input
          type="text"
          inputMode="numeric"
          autoComplete="off"
          value={typed ?? String(seed)}
          disabled={disabled}
          aria-invalid={invalid}
          aria-describedby={invalid ? id : undefined}
          onChange={({ target }) => {
            setTyped(target.value);
            if (isSeed(target.value)) onChange(Number(target.value));
          }}
          onBlur={() => setTyped(null)}
        />
      </label>
      <button
        type="button"
        disabled={disabled}
        onClick={() => onChange(Math.floor(Math.random() * 9999) + 1)}
      >
        New seed
      </button>
      {invalid && (
        <p id={id} className={styles.invalid}>
          A whole number from 0 to {MOST}
        </p>
      )}
    </div>
  );
}
