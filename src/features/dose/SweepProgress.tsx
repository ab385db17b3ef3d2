import styles from './DoseResponse.module.css';
import type { SweepRun } from './doseStore';

interface SweepProgressProps {
  readonly run: Extract<SweepRun, { status: 'running' | 'stopping' }>;
  readonly onCancel: () => void;
}

/** How far a sweep has come, and a way out of it. */
export function SweepProgress({ run, onCancel }: SweepProgressProps) {
  const { status, done, total } = run;
  return (
    <div className={styles.progress}>
      <label>
        <span className="hidden">Progress of the sweep</span>
        {/* Without a value it says that something goes on, which is all that is known before the first tokens. */}
        <progress {...(done > 0 ? { value: Math.min(done, total) } : {})} max={total} />
      </label>
      <button type="button" className="button" disabled={status === 'stopping'} onClick={onCancel}>
        Stop<span className="hidden"> the sweep</span>
      </button>
    </div>
  );
}
