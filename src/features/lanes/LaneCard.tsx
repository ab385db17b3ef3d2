import { useId, useState } from 'react';
import { FAULTS, valueOf } from '../../core/faults';
import { type Guard, GUARDS, isGuard } from '../../core/guards';
import {
  alike,
  canMove,
  type LaneSetting,
  type LaneSettings,
  LONGEST_NAME,
} from '../../state/lanes';
import { usePlayground } from '../../state/PlaygroundContext';
import type { Run } from '../../state/run';
import { standingOf } from '../../state/standing';
import { laneColour, LaneMark, laneName } from '../../ui/lane';
import { FAULT_GROUPS, faultKindOf } from './faultGroups';
import styles from './LaneCard.module.css';
import { ParameterField } from './ParameterField';
import { Pin } from './Pin';

interface LaneCardProps {
  readonly lanes: LaneSettings;
  /** Place in `lanes`; the healthy lane stands before them. */
  readonly index: number;
  readonly onRemove: () => void;
}

/** One damaged lane: what it is called, what it has lost, what may mend it, and its place among the others. */
export function LaneCard({ lanes, index, onRemove }: LaneCardProps) {
  const renameLane = usePlayground((playground) => playground.renameLane);
  const setLaneFault = usePlayground((playground) => playground.setLaneFault);
  const setLaneGuard = usePlayground((playground) => playground.setLaneGuard);
  const id = useId();
  const [explained, setExplained] = useState(false);
  const setting = lanes[index];
  const outcome = usePlayground(({ run }) => setting && outcomeOf(run, setting));
  if (setting === undefined) return null;
  const { key, name, fault, guard } = setting;
  const { explanation, source, parameters } = FAULTS[fault.kind];
  const lane = index + 1;
  return (
    <li>
      <div
        role="group"
        className={styles.card}
        style={{ borderColor: laneColour(lane) }}
        aria-label={`Lane ${lane + 1}: ${laneName(setting, lane)}`}
        data-card={lane}
      >
        <span className={styles.mark}>
          <LaneMark lane={lane} />
        </span>
        <label className={`${styles.field ?? ''} ${styles.name ?? ''}`}>
          <span className={styles.caption}>Name</span>
          <input
            type="text"
            value={name}
            maxLength={LONGEST_NAME}
            placeholder="Own name"
            autoComplete="off"
            spellCheck={false}
            onChange={({ target }) => renameLane(key, target.value)}
          />
        </label>
        <label className={`${styles.field ?? ''} ${styles.fault ?? ''}`}>
          <span className={styles.caption}>Fault</span>
          <select
            value={fault.kind}
            onChange={({ target }) => setLaneFault(key, { kind: faultKindOf(target.value) })}
          >
            <option value="none">{FAULTS.none.label}</option>
            {FAULT_GROUPS.map((group) => (
              <optgroup key={group.label} label={group.label}>
                {group.kinds.map((kind) => (
                  <option key={kind} value={kind}>
                    {FAULTS[kind].label}
                  </option>
                ))}
              </optgroup>
            ))}
          </select>
        </label>
        <label className={`${styles.field ?? ''} ${styles.guard ?? ''}`}>
          <span className={styles.caption}>Guard</span>
          <select
            value={guard}
            onChange={({ target }) => {
              if (isGuard(target.value)) setLaneGuard(key, target.value);
            }}
          >
            {(Object.keys(GUARDS) as Guard[]).map((option) => (
              <option key={option} value={option}>
                {GUARDS[option].label}
              </option>
            ))}
          </select>
        </label>
        <div className={styles.buttons}>
          <button
            type="button"
            className={styles.icon}
            aria-label="What happens here"
            aria-expanded={explained}
            aria-controls={explained ? `${id}-about` : undefined}
            title="What happens here"
            onClick={() => setExplained(!explained)}
          >
            ?
          </button>
          <LaneButtons lanes={lanes} index={index} onRemove={onRemove} />
        </div>
        <div className={styles.second}>
          {parameters.map((parameter) => (
            <ParameterField
              key={`${fault.kind}-${parameter.name}`}
              parameter={parameter}
              value={valueOf(parameter, fault.parameters)}
              onChange={(value) =>
                setLaneFault(key, {
                  kind: fault.kind,
                  parameters: { ...fault.parameters, [parameter.name]: value },
                })
              }
            />
          ))}
          <p className={styles.outcome}>{outcome}</p>
        </div>
        {explained && (
          <div id={`${id}-about`} className={styles.about}>
            <p>
              {explanation} <span>({source})</span>
            </p>
            {guard !== 'none' && (
              <p>
                {GUARDS[guard].label}: {GUARDS[guard].explanation}{' '}
                <span>({GUARDS[guard].source})</span>
              </p>
            )}
          </div>
        )}
      </div>
    </li>
  );
}

/** What came of this lane in the run on screen, as long as that ran with the lane as it is set now. */
function outcomeOf(run: Run, setting: LaneSetting): string {
  if (run.status !== 'done') return '';
  const { record } = run;
  const place = record.settings.lanes.findIndex(
    (lane) => lane.key === setting.key && alike(lane, setting),
  );
  return place < 0 ? '' : standingOf(record, place + 1);
}

/** Buttons that cannot do anything now stay focusable, so that a keyboard does not lose its place at the end of a list. */
function LaneButtons({ lanes, index, onRemove }: LaneCardProps) {
  const moveLane = usePlayground((playground) => playground.moveLane);
  const pinLane = usePlayground((playground) => playground.pinLane);
  const setting = lanes[index];
  if (setting === undefined) return null;
  const { key, pinned } = setting;
  const last = lanes.length === 1;
  return (
    <>
      <button
        type="button"
        className={styles.icon}
        aria-label="Pin"
        aria-pressed={pinned}
        title="Pin: stays in front, and presets leave it alone"
        onClick={() => pinLane(key, !pinned)}
      >
        <Pin filled={pinned} />
      </button>
      <button
        type="button"
        className={styles.icon}
        aria-label="Move up"
        aria-disabled={!canMove(lanes, index, -1)}
        title="Move up"
        onClick={() => moveLane(key, -1)}
      >
        ↑
      </button>
      <button
        type="button"
        className={styles.icon}
        aria-label="Move down"
        aria-disabled={!canMove(lanes, index, 1)}
        title="Move down"
        onClick={() => moveLane(key, 1)}
      >
        ↓
      </button>
      <button
        type="button"
        className={styles.icon}
        aria-label="Remove"
        aria-disabled={last}
        title={last ? 'A comparison needs a second lane' : 'Remove'}
        onClick={onRemove}
      >
        ✕
      </button>
    </>
  );
}
