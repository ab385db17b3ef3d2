import { useMemo, useState } from 'react';
import { useStore } from 'zustand';
import { usePlayground } from '../../state/PlaygroundContext';
import { recordOf } from '../../state/run';
import { DoseCharts } from './DoseCharts';
import styles from './DoseResponse.module.css';
import { dose } from './doseStore';
import { sameMaking, type SweepMaking } from './sweep';
import { SweepProgress } from './SweepProgress';

/** A ruler for the fault: every frequency times α, from healthy to collapsed, and what becomes of the text. */
export function DoseResponse() {
  const now = useMaking();
  const experiment = usePlayground((playground) => playground.experiment);
  const inspection = usePlayground((playground) => playground.inspection);
  const { run, sweep, start, cancel } = useStore(dose);
  const [fine, setFine] = useState(false);
  const shown = sweep !== null && now !== null && sameMaking(sweep.made, now) ? sweep : null;
  const goingOn = run.status === 'running' || run.status === 'stopping';

  return (
    <section className={styles.dose} aria-label="Dose and response" data-sweep={run.status}>
      <div className={styles.controls}>
        <button
          type="button"
          className="button"
          data-kind="primary"
          disabled={now === null || goingOn}
          onClick={() => now !== null && void start({ experiment, inspection }, now, fine)}
        >
          Sweep α
        </button>
        <label className={styles.fine}>
          <input
            type="checkbox"
            checked={fine}
            onChange={({ target }) => setFine(target.checked)}
          />
          Finer: 15 doses in two batches, not 8 in one
        </label>
        {goingOn && <SweepProgress run={run} onCancel={cancel} />}
      </div>
      <p className={`note ${styles.status}`} role="status">
        {shown === null &&
          !goingOn &&
          'A dose α multiplies every frequency: 1 is healthy, 0 collapsed. '}
        {statusText(run, now)}
      </p>
      {shown !== null && <DoseCharts sweep={shown} />}
    </section>
  );
}

/** What a sweep would be made from now: the run on screen, and the model that is loaded. Null while there is none. */
function useMaking(): SweepMaking | null {
  const settings = usePlayground(({ run }) => recordOf(run)?.settings);
  const model = usePlayground(({ model }) => (model.status === 'ready' ? model.model : null));
  return useMemo(() => {
    if (settings === undefined || model === null) return null;
    const { prompt, maxNewTokens } = settings;
    const { id, sha256, packing } = model;
    return { prompt, maxNewTokens, model: { id, sha256, packing } };
  }, [settings, model]);
}

function statusText(run: ReturnType<typeof dose.getState>['run'], now: SweepMaking | null): string {
  switch (run.status) {
    case 'running':
      return `Every dose reads the healthy text of “${run.made.prompt}”.`;
    case 'stopping':
      return 'Stopping…';
    case 'stopped':
      return 'The sweep was stopped before its end.';
    case 'failed':
      return `${run.error.message} ${run.error.action}`;
    case 'idle':
    case 'done':
      return now === null
        ? 'Run a prompt first: the sweep takes its prompt and its number of tokens.'
        : `The sweep takes the prompt on screen, “${now.prompt}”, and up to ${now.maxNewTokens} tokens of ${now.model.id}.`;
  }
}
