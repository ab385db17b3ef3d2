import type { ReactNode } from 'react';
import { useId } from 'react';
import { Diff } from './Diff';
import type { Repair } from './repair';
import styles from './Repairs.module.css';

interface RepairCardProps {
  readonly repair: Repair;
  /** What it does to the numbers here, once they have been measured. */
  readonly effect: string | null;
  /** More that belongs to this repair. */
  readonly children?: ReactNode;
}

/** One repair: its reason, its code, and what it does to the model of this page. */
export function RepairCard({ repair, effect, children }: RepairCardProps) {
  const id = useId();
  const { number, title } = repair;
  return (
    <section className={styles.card} aria-labelledby={id} id={`repair-${number}`}>
      <h3 id={id}>
        Repair {number}: {title}
      </h3>
      {repair.prose}
      <Diff label={`Repair ${number} as code`} lines={repair.diff} />
      {children}
      <p>
        <strong>Acts {repair.acts}.</strong> {repair.here} {effect}
      </p>
    </section>
  );
}
