import { useId } from 'react';
import { FAULTS, HEALTHY } from '../../core/faults';
import { type Guard, GUARDS } from '../../core/guards';
import type { LaneSetting } from '../../state/lanes';
import { usePlayground } from '../../state/PlaygroundContext';
import { LaneMark } from '../../ui/lane';
import { losesInvFreq } from './faultGroups';
import styles from './FaultPanel.module.css';

const GUARD_NAMES = Object.keys(GUARDS) as Guard[];

/** The first damaged lane at its simplest: a switch, and what may mend it. All lanes are in `LanesPanel`. */
export function FaultPanel() {
  const lane = usePlayground(({ settings }) => settings.lanes[0]);
  return lane === undefined ? null : <SecondLane lane={lane} />;
}

function SecondLane({ lane }: { readonly lane: LaneSetting }) {
  const { key, name, fault, guard, lastFault } = lane;
  const id = useId();
  const setLaneFault = usePlayground((playground) => playground.setLaneFault);
  const setLaneGuard = usePlayground((playground) => playground.setLaneGuard);
  const healthy = fault.kind === 'none';
  return (
    <section className={styles.panel} aria-labelledby={`${id}-title`}>
      <h2 className="eyebrow" id={`${id}-title`}>
        Second lane <LaneMark lane={1} />
        {name !== '' && <span className={styles.own}> {name}</span>}
      </h2>
      <label className={styles.fault}>
        <input
          type="checkbox"
          role="switch"
          className={styles.switch}
          checked={!healthy}
          aria-describedby={`${id}-fault`}
          onChange={(event) => setLaneFault(key, event.target.checked ? lastFault : HEALTHY)}
        />
        {losesInvFreq(lastFault.kind) ? (
          <span>
            <code>inv_freq</code> lost
          </span>
        ) : (
          <span>Fault</span>
        )}
        <span className={styles.state} aria-hidden="true">
          {healthy ? 'off' : 'on'}
        </span>
      </label>
      <details className={styles.more}>
        <summary>{healthy ? 'Both lanes are healthy' : FAULTS[fault.kind].label}</summary>
        <p id={`${id}-fault`}>
          {FAULTS[fault.kind].explanation} <span>({FAULTS[fault.kind].source})</span>
        </p>
      </details>
      <fieldset className={styles.guards}>
        <legend>Guard in the rotary embedding’s forward</legend>
        {GUARD_NAMES.map((option) => (
          <label key={option} className={styles.guard}>
            <input
              type="radio"
              name={`${id}-guard`}
              checked={option === guard}
              aria-describedby={option === guard ? `${id}-guard` : undefined}
              onChange={() => setLaneGuard(key, option)}
            />
            {GUARDS[option].label}
          </label>
        ))}
      </fieldset>
      <p className={styles.explanation} id={`${id}-guard`}>
        {GUARDS[guard].explanation}
      </p>
    </section>
  );
}
