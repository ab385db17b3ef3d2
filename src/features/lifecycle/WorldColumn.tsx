import { useId } from 'react';
import type { LaneSpec } from '../../core/lanes';
import { laneOf, type Loading, type LoadingStep } from '../../core/lifecycle';
import { INV_FREQ, type LoadingStepId, type TensorState } from '../../core/lifecycleStates';
import { invFreqNote, LOADING_STEPS } from '../../core/lifecycleSteps';
import { laneDescription } from '../../ui/lane';
import { firstValues, outcomeText, WORLD_NAMES } from './lifecycleText';
import { ProbeReadings } from './ProbeReadings';
import { StateMark } from './StateMark';
import styles from './WorldColumn.module.css';

interface WorldColumnProps {
  readonly loading: Loading;
  /** Index of the step that has just been taken. */
  readonly at: number;
  /** Places as `placeOf` writes them. */
  readonly probes: ReadonlySet<string>;
  readonly onToggleProbe: (place: string) => void;
  readonly onUse: (lane: LaneSpec) => void;
}

const stateOf = (step: LoadingStep | undefined): TensorState =>
  step?.states.get(INV_FREQ) ?? 'absent';

/** One version of the library: its steps with inv_freq and probes, what happens now, and what comes of it. */
export function WorldColumn({ loading, at, probes, onToggleProbe, onUse }: WorldColumnProps) {
  const id = useId();
  const { world, steps } = loading;
  const placeOf = (step: LoadingStepId) => `${world}.${step}`;
  return (
    <section className={styles.column} aria-labelledby={id}>
      <h3 id={id}>{WORLD_NAMES[world]}</h3>
      <ol className={styles.steps} aria-label={`Steps of ${WORLD_NAMES[world]}, with inv_freq`}>
        {steps.map((step, index) => {
          const { name } = LOADING_STEPS[world][step.id];
          return (
            <li
              key={step.id}
              className={styles.step}
              aria-current={index === at ? 'step' : undefined}
              data-step={step.id}
            >
              <span className={styles.number} aria-hidden="true">
                {index + 1}
              </span>
              <span className={styles.name}>{name}</span>
              <span className={styles.state}>
                {index <= at && <StateMark state={stateOf(step)} />}
              </span>
              <label className={styles.probe}>
                <input
                  type="checkbox"
                  checked={probes.has(placeOf(step.id))}
                  onChange={() => onToggleProbe(placeOf(step.id))}
                />
                <span>
                  Probe <span className="hidden">after {name}</span>
                </span>
              </label>
            </li>
          );
        })}
      </ol>
      <Now loading={loading} at={at} />
      <ProbeReadings
        loading={loading}
        at={at}
        probed={steps.flatMap(({ id: step }, index) => (probes.has(placeOf(step)) ? [index] : []))}
      />
      <Outcome loading={loading} onUse={onUse} />
    </section>
  );
}

/** What the present step does. All steps take the room of the longest, so that stepping moves nothing below. */
function Now({ loading, at }: Pick<WorldColumnProps, 'loading' | 'at'>) {
  const { world, steps, choices, outcome } = loading;
  return (
    <div className={styles.now} data-testid={`now-${world}`}>
      {steps.map(({ id }, index) => {
        const { name, code, text } = LOADING_STEPS[world][id];
        const note = invFreqNote(world, id, choices, {
          before: stateOf(steps[index - 1]),
          guardFired: outcome.guardFired,
        });
        return (
          <div key={id} className={styles.sheet} data-shown={index === at}>
            <p className={styles.sheetTitle}>
              {name} <code>{code}</code>
            </p>
            <p>{text}</p>
            <p className={styles.note}>{note}</p>
          </div>
        );
      })}
    </div>
  );
}

/** inv_freq inside forward, in numbers and in words, and the way to the lanes. */
function Outcome({ loading, onUse }: Pick<WorldColumnProps, 'loading' | 'onUse'>) {
  const id = useId();
  const { world, outcome } = loading;
  const lane = laneOf(loading);
  return (
    <div className={styles.outcome} data-effect={outcome.effect}>
      <p className="eyebrow">inv_freq[:4] inside forward</p>
      <p className={styles.values} data-testid={`inv-freq-${world}`}>
        {firstValues(outcome.invFreq)}
      </p>
      <p className={styles.words} role="status">
        <span aria-hidden="true">{outcome.effect === 'healthy' ? '✓' : '✕'}</span>{' '}
        {outcomeText(loading)}
      </p>
      <button type="button" className="button" aria-describedby={id} onClick={() => onUse(lane)}>
        Run the lanes with this<span className="hidden">: {WORLD_NAMES[world]}</span>
      </button>
      <p className={styles.lane} id={id}>
        {lane.fault.kind === 'none'
          ? 'The second lane is then healthy too.'
          : `The second lane is then: ${laneDescription(lane, 1)}.`}
      </p>
    </div>
  );
}
