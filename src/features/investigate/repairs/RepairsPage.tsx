import { useId, useState } from 'react';
import { type StoreApi, useStore } from 'zustand';
import type { Laboratory } from '../../../state/laboratory';
import type { Progress } from '../../../state/progress';
import { HOW_MEASURED, HOW_THEN } from '../caseFigures';
import { type Experiments, findingOf } from '../experiments';
import styles from '../Investigation.module.css';
import { PlaygroundLink } from '../PlaygroundLink';
import { amount } from '../readings';
import { REPAIRS } from '../repairs';
import { Failed, Waiting } from '../Waiting';
import { FIRST_FOUR_APPLIED, guardOf } from './choices';
import { Diff } from './Diff';
import { loadingUnder5 } from './loadingUnder5';
import { GUARDS_COMPARED, type Memory, measureRepairs, type RepairNumbers } from './measureRepairs';
import type { RepairNumber } from './repair';
import { RepairBench } from './RepairBench';
import { RepairCard } from './RepairCard';
import { RepairSwitches } from './RepairSwitches';
import { ALWAYS_DIFF } from './zeroGuard';

export const REPAIRS_SLUG = 'repairs';

interface RepairsPageProps {
  readonly laboratory: Laboratory;
  readonly experiments: StoreApi<Experiments<RepairNumbers>>;
  readonly progress: StoreApi<Progress>;
}

/** The five repairs, each to be switched, and what is left of the fault. */
export function RepairsPage({ laboratory, experiments, progress }: RepairsPageProps) {
  const id = useId();
  const see = useStore(progress, (store) => store.see);
  const start = useStore(experiments, (store) => store.start);
  const experiment = useStore(experiments, (store) => store.bySlug[REPAIRS_SLUG]);
  const numbers = findingOf(experiment);
  const [choices, setChoices] = useState(FIRST_FOUR_APPLIED);
  const { applied, memory } = choices;
  const loading = loadingUnder5(applied);

  const run = () => {
    see(REPAIRS_SLUG, null);
    void start(REPAIRS_SLUG, measureRepairs);
  };

  return (
    <>
      <p className="eyebrow">After the investigation</p>
      <h2>The five repairs</h2>
      <div className={styles.prose}>
        <p>
          Five changes to the model’s file were made before it answered under 5.x as it had before.
          Only one of them acts on the lost frequencies. Switch each on and off, choose what the
          fresh memory held, and see what becomes of the model.
        </p>
      </div>
      <section className={styles.bench} aria-labelledby={id}>
        <h3 id={id}>Repairs that are applied</h3>
        <RepairSwitches choices={choices} onChange={setChoices} />
        <p role="status">
          <strong>Under 5.x:</strong> {loading.sentence}
        </p>
        <div role="status">
          {experiment?.status === 'running' && <Waiting laboratory={laboratory} />}
        </div>
        {experiment?.status === 'failed' && <Failed error={experiment.error} onRetry={run} />}
        {numbers !== null && (
          <RepairBench
            numbers={numbers}
            loading={loading}
            memory={memory}
            guard={guardOf(choices)}
          />
        )}
        {experiment?.status !== 'failed' && (
          <button
            type="button"
            className="button"
            data-kind={numbers === null ? 'primary' : undefined}
            aria-disabled={experiment?.status === 'running'}
            onClick={run}
          >
            {numbers === null ? 'Run the lanes' : 'Run them again'}
          </button>
        )}
      </section>
      {REPAIRS.map((repair) => (
        <RepairCard
          key={repair.number}
          repair={repair}
          effect={numbers && effectOf(repair.number, numbers, memory)}
        >
          {repair.number === 5 && (
            <Diff label="What held every time, as code" lines={ALWAYS_DIFF} />
          )}
        </RepairCard>
      ))}
      <p className="note">
        {HOW_THEN} {HOW_MEASURED}
      </p>
      <PlaygroundLink
        laboratory={laboratory}
        lanes={GUARDS_COMPARED.map((guard) => ({ fault: { kind: memory }, guard }))}
        view="frequencies"
      />
    </>
  );
}

function effectOf(number: RepairNumber, numbers: RepairNumbers, memory: Memory): string {
  const { none, patch5, refill } = numbers.lanes[memory];
  switch (number) {
    case 1:
    case 2:
    case 3:
      return 'Its switch reaches nothing that computes here: no number changes.';
    case 4:
      return `Measured: it moved no logit by more than ${amount(numbers.kernel)}; the lost frequencies moved one by ${amount(none.difference)}.`;
    case 5:
      return `Measured with the memory that is chosen above, largest difference of a logit from healthy: ${amount(none.difference)} without it, ${amount(patch5.difference)} if it asks for zeros, ${amount(refill.difference)} if it does not ask.`;
  }
}
