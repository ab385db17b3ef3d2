import type { Loading } from '../../core/lifecycle';
import { LOADING_STEPS } from '../../core/lifecycleSteps';
import { readingText } from './lifecycleText';
import styles from './ProbeReadings.module.css';

interface ProbeReadingsProps {
  readonly loading: Loading;
  /** Index of the step that has just been taken. */
  readonly at: number;
  /** Indices of the steps behind which a probe stands. */
  readonly probed: readonly number[];
}

/** What the probes of one version read, as soon as their step has been taken. */
export function ProbeReadings({ loading, at, probed }: ProbeReadingsProps) {
  const { world, steps } = loading;
  return (
    <div className={styles.readings} role="status" data-testid={`probes-${world}`}>
      <p className="eyebrow">Probes of inv_freq</p>
      {probed.length === 0 ? (
        <p className={styles.none}>None placed. A probe reads inv_freq right after its step.</p>
      ) : (
        <ul>
          {probed.map((index) => {
            const step = steps[index];
            if (step === undefined) return null;
            const { name } = LOADING_STEPS[world][step.id];
            return (
              <li key={step.id}>
                <strong>
                  {index + 1}. {name}:
                </strong>{' '}
                {index > at ? 'not reached yet.' : readingText(step)}
                {index <= at && step.invFreq === null && step.id === 'construct' && (
                  <span className={styles.aside}>
                    {' '}
                    Code that prints good numbers here computes them again on the CPU: it does not
                    read the buffer.
                  </span>
                )}
              </li>
            );
          })}
        </ul>
      )}
    </div>
  );
}
