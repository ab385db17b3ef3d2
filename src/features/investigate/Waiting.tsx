import { useStore } from 'zustand';
import type { AppError } from '../../core/errors';
import type { LoadPhase } from '../../protocol/engineApi';
import type { Laboratory } from '../../state/laboratory';
import { byteCount } from '../../ui/numbers';
import styles from './Investigation.module.css';

const PHASES: Readonly<Record<LoadPhase, string>> = {
  waiting: 'Waiting',
  files: 'Loading the model',
  session: 'Starting the session',
  'warm-up': 'Warming up',
};

/** What an experiment is waiting for: the model as far as it has come, or its own numbers. */
export function Waiting({ laboratory }: { readonly laboratory: Laboratory }) {
  const model = useStore(laboratory.store, (store) => store.model);
  if (model.status !== 'loading' && model.status !== 'idle') return <p>Running on this machine…</p>;
  const progress = model.status === 'loading' ? model.progress : null;
  const { phase = 'files', loadedBytes = 0, totalBytes = 0 } = progress ?? {};
  const reading = phase === 'files' && totalBytes > 0;
  return (
    <p>
      {PHASES[phase]}…{' '}
      <progress
        className={styles.progress}
        aria-label={PHASES[phase]}
        {...(reading ? { value: loadedBytes, max: totalBytes } : {})}
      />{' '}
      {reading && (
        <span className="note" aria-hidden="true">
          {byteCount(loadedBytes)} of {byteCount(totalBytes)}
        </span>
      )}
    </p>
  );
}

interface FailedProps {
  /** One sentence: what is missing now. */
  readonly what?: string;
  readonly error: AppError;
  readonly onRetry: () => void;
}

/** What went wrong, and another attempt. */
export function Failed({ what = 'The experiment did not run.', error, onRetry }: FailedProps) {
  return (
    <div className={styles.failed} role="alert" data-code={error.code}>
      <p>
        <strong>{what}</strong> {error.message}
      </p>
      <p>{error.action}</p>
      <button type="button" className="button" onClick={onRetry}>
        Try again
      </button>
    </div>
  );
}
