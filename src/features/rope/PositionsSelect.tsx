import { useState } from 'react';
import controls from './controls.module.css';

const CHOICES = [64, 128, 256, 512];

/** How many positions a view shows: those of the run, until the visitor asks for more or fewer. */
export function usePositions(run: number) {
  const [chosen, setChosen] = useState<number | null>(null);
  const positions = chosen ?? run;
  const control = (
    <label className={controls.field}>
      Positions
      <select
        value={chosen ?? 'run'}
        onChange={({ target }) => setChosen(target.value === 'run' ? null : Number(target.value))}
      >
        <option value="run">of this run ({run})</option>
        {CHOICES.map((count) => (
          <option key={count} value={count}>
            {count}
          </option>
        ))}
      </select>
    </label>
  );
  return { positions, control };
}
