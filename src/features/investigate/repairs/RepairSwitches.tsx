import type { ReactNode } from 'react';
import { Segmented } from '../../../ui/Segmented';
import investigation from '../Investigation.module.css';
import { REPAIRS } from '../repairs';
import { MEMORY_NAMES, type RepairChoices, type WayOfFive } from './choices';
import type { RepairNumber } from './repair';
import styles from './Repairs.module.css';

const WAYS: readonly (readonly [WayOfFive, string])[] = [
  ['patch5', 'if all are zero'],
  ['refill', 'without asking'],
];

interface RepairSwitchesProps {
  readonly choices: RepairChoices;
  readonly onChange: (choices: RepairChoices) => void;
}

/** Which repairs are applied, how the fifth is written, and what the memory held. */
export function RepairSwitches({ choices, onChange }: RepairSwitchesProps) {
  const { applied, way, memory } = choices;
  const apply = (number: RepairNumber, isApplied: boolean) => {
    const next = new Set(applied);
    if (isApplied) next.add(number);
    else next.delete(number);
    onChange({ ...choices, applied: next });
  };
  return (
    <>
      <fieldset className={styles.switches}>
        <legend className="hidden">Repairs</legend>
        {REPAIRS.map(({ number, title }) => (
          <label key={number} className={styles.switch}>
            <input
              type="checkbox"
              role="switch"
              checked={applied.has(number)}
              onChange={(event) => apply(number, event.target.checked)}
            />
            <span>
              {number}. {title}
            </span>
          </label>
        ))}
      </fieldset>
      <Row name="The fifth recomputes">
        <Segmented
          legend="The fifth recomputes"
          options={WAYS}
          value={way}
          onChange={(chosen) => onChange({ ...choices, way: chosen })}
        />
      </Row>
      <Row name="Fresh memory holds">
        <Segmented
          legend="Fresh memory holds"
          options={MEMORY_NAMES}
          value={memory}
          onChange={(chosen) => onChange({ ...choices, memory: chosen })}
        />
      </Row>
    </>
  );
}

function Row({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div className={investigation.controls}>
      <span aria-hidden="true">{name}</span>
      {children}
    </div>
  );
}
