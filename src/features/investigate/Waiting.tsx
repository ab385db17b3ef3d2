import { useStore } from 'zustand';
import type { AppError } from '../../core/errors';
import type { LoadPhase } from '../../protocol/engineApi';
import type { Laboratory } from '../../state/laboratory';
import { byteCount } from '../../ui/numbers';
import styles from './Investigation.module.css';

const PHASES: Readonly<Record<LoadPhase, string>> = {
  files: 'Loading the model',
  session: 'Starting the session',
  'warm-up': 'Warming up',
};

/** What an experiment is waiting for: the model as far as it has come, or its own numbers. */
export function Waiting({ laboratory }: { readonly laboratory: Laboratory }) {
  const model = useStore(laboratory.store, (store) => store.model);
  if (model.status !== 'loading') return <p>Running on this machine…</p>;
  const { phase = 'files', loadedBytes = 0, totalBytes = 0 } = model.progress ?? {};
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

/** What went wrong with an experiment, and another attempt. */
export function Failed({
  error,
  onRetry,
}: {
  readonly error: AppError;
  readonly onRetry: () => void;
}) {
  return (
    <div className={styles.failed} role="alert" data-code={error.code}>
      <p>
        <strong>The experiment did not run.</strong> {error.message}
      </p>
      <p>{error.action}</p>
      <button type="button" className="button" onClick={onRetry}>
        Try again
      </button>
    </div>
  );
}
