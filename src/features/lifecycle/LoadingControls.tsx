import { useId } from 'react';
import { type Guard, GUARDS } from '../../core/guards';
import type { FreshMemory, InitWeights, LoadingChoices } from '../../core/lifecycleChoices';
import {
  INIT_WEIGHTS_EXPLANATIONS,
  INIT_WEIGHTS_NAMES,
  MEMORY_NAMES,
  MEMORY_SOURCES,
} from './lifecycleText';
import styles from './LoadingControls.module.css';
import { SeedField } from './SeedField';

interface LoadingControlsProps {
  readonly choices: LoadingChoices;
  readonly onChange: (choices: LoadingChoices) => void;
}

/** How the model is written, what the file holds, and what fresh memory holds. */
export function LoadingControls({ choices, onChange }: LoadingControlsProps) {
  const set = (change: Partial<LoadingChoices>) => onChange({ ...choices, ...change });
  const { freshMemory, seed, initWeights, guard } = choices;
  const hasSeed = freshMemory === 'leftovers' || freshMemory === 'tiny';
  return (
    <div className={styles.controls} role="group" aria-label="What is loaded">
      <fieldset className={styles.group}>
        <legend>Memory</legend>
        <Choice<FreshMemory>
          label="Fresh memory holds"
          names={MEMORY_NAMES}
          explanations={MEMORY_SOURCES}
          value={freshMemory}
          onChange={(chosen) => set({ freshMemory: chosen })}
        />
        <SeedField seed={seed} disabled={!hasSeed} onChange={(drawn) => set({ seed: drawn })} />
      </fieldset>
      <fieldset className={styles.group}>
        <legend>Buffer</legend>
        <Switch
          label="inv_freq is persistent"
          explanation="register_buffer(…, persistent=True)"
          checked={choices.persistent}
          onChange={(persistent) => set({ persistent })}
        />
        <Switch
          label="The checkpoint holds inv_freq"
          explanation="It was saved while the buffer was persistent."
          checked={choices.inCheckpoint}
          onChange={(inCheckpoint) => set({ inCheckpoint })}
        />
        <Switch
          label="There is original_inv_freq"
          explanation="With rope_type and compute_default_rope_parameters, as in the library’s own modules."
          checked={choices.originalInvFreq}
          onChange={(originalInvFreq) => set({ originalInvFreq })}
        />
      </fieldset>
      <fieldset className={styles.group}>
        <legend>Code of the model</legend>
        <Choice<InitWeights>
          label="_init_weights"
          names={INIT_WEIGHTS_NAMES}
          explanations={INIT_WEIGHTS_EXPLANATIONS}
          value={initWeights}
          onChange={(chosen) => set({ initWeights: chosen })}
        />
        <Choice<Guard>
          label="Guard in forward"
          names={GUARD_NAMES}
          explanations={GUARD_EXPLANATIONS}
          value={guard}
          onChange={(chosen) => set({ guard: chosen })}
        />
      </fieldset>
    </div>
  );
}

const GUARD_NAMES: Readonly<Record<Guard, string>> = {
  none: GUARDS.none.label,
  patch5: GUARDS.patch5.label,
  refill: 'Recompute once, in the first forward',
};

const GUARD_EXPLANATIONS: Readonly<Record<Guard, string>> = {
  none: GUARDS.none.explanation,
  patch5: GUARDS.patch5.explanation,
  refill: 'Recomputes whatever was loaded, and held in every load that was measured.',
};

interface ChoiceProps<T extends string> {
  readonly label: string;
  readonly names: Readonly<Record<T, string>>;
  readonly explanations: Readonly<Record<T, string>>;
  readonly value: T;
  readonly onChange: (value: T) => void;
}

/** One of a few, with a sentence about the chosen one. All sentences take the room of the longest. */
function Choice<T extends string>({ label, names, explanations, value, onChange }: ChoiceProps<T>) {
  const id = useId();
  const values = Object.keys(names) as T[];
  return (
    <div className={styles.choice}>
      <label className={styles.field}>
        <span>{label}</span>
        <select
          value={value}
          aria-describedby={`${id}-${value}`}
          onChange={({ target }) => {
            const chosen = values.find((candidate) => candidate === target.value);
            if (chosen !== undefined) onChange(chosen);
          }}
        >
          {values.map((candidate) => (
            <option key={candidate} value={candidate}>
              {names[candidate]}
            </option>
          ))}
        </select>
      </label>
      <div className={styles.explanations}>
        {values.map((candidate) => (
          <p key={candidate} id={`${id}-${candidate}`} data-shown={candidate === value}>
            {explanations[candidate]}
          </p>
        ))}
      </div>
    </div>
  );
}

interface SwitchProps {
  readonly label: string;
  readonly explanation: string;
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
}

function Switch({ label, explanation, checked, onChange }: SwitchProps) {
  const id = useId();
  return (
    <div className={styles.switch}>
      <label>
        <input
          type="checkbox"
          checked={checked}
          aria-describedby={id}
          onChange={({ target }) => onChange(target.checked)}
        />
        {label}
      </label>
      <p id={id}>{explanation}</p>
    </div>
  );
}
