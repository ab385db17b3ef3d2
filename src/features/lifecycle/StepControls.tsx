import styles from './StepControls.module.css';
import type { Stepping } from './useStepping';

/** Back, forward, play, and a slider that takes the arrow keys. Stays in sight while tensors are read. */
export function StepControls({ at, count, playing, still, goTo, toggle }: Stepping) {
  return (
    <div className={styles.bar} role="group" aria-label="Steps">
      <button
        type="button"
        className={styles.button}
        aria-disabled={at === 0}
        onClick={() => goTo(at - 1)}
      >
        <span aria-hidden="true">←</span> Back
      </button>
      <button type="button" className={styles.button} onClick={toggle}>
        {still ? 'To the end' : playing ? 'Pause' : 'Play'}
      </button>
      <button
        type="button"
        className={styles.button}
        aria-disabled={at === count - 1}
        onClick={() => goTo(at + 1)}
      >
        Forward <span aria-hidden="true">→</span>
      </button>
      <label className={styles.slider}>
        <span>
          Step <output>{at + 1}</output> of {count}
        </span>
        <input
          type="range"
          min={1}
          max={count}
          value={at + 1}
          aria-label="Step"
          aria-valuetext={`Step ${at + 1} of ${count}`}
          onChange={({ target }) => goTo(target.valueAsNumber - 1)}
        />
      </label>
    </div>
  );
}
