import type { LaneStep } from '../../protocol/engineApi';
import type { RunDistributions } from '../../protocol/inspection';
import { laneColour, LaneMark } from '../../ui/lane';
import { fourDecimals } from '../../ui/numbers';
import { numberText } from '../../ui/figure/numberText';
import { TokenText } from '../../ui/TokenText';
import type { InspectedRun } from './inspectedRun';
import { ALL_MEASURES, type Measure, MEASURES } from './logitsMeasure';
import { absence } from './logitsReading';
import styles from './StepTops.module.css';

interface StepTopsProps {
  readonly run: InspectedRun;
  readonly distributions: RunDistributions;
  readonly step: number;
}

/** The highest logits of every lane at one step, and how the lane's distribution looks beside the healthy one. */
export function StepTops({ run, distributions, step }: StepTopsProps) {
  const { record, lanes } = run;
  const healthy = record.lanes[0]?.steps[step];
  return (
    <div className={styles.lanes} data-testid="step-tops">
      {lanes.map(({ index, name }) => {
        const at = distributions.lanes[index]?.[step];
        const own = record.lanes[index]?.steps[step];
        return (
          <section
            key={index}
            className={styles.lane}
            style={{ borderColor: laneColour(index) }}
            aria-label={`${name}, token ${step + 1}`}
            data-lane={index}
          >
            <h4>
              <LaneMark lane={index} /> {name}
            </h4>
            {own === undefined ? (
              <p className={styles.absent}>{absence(record, index, step)}</p>
            ) : (
              <>
                <dl className={styles.facts}>
                  {ALL_MEASURES.map((measure) => (
                    <div key={measure} title={MEASURES[measure].axis}>
                      <dt>{termOf(measure)}</dt>
                      <dd>{valueText(at?.[measure])}</dd>
                    </div>
                  ))}
                </dl>
                <TopTable own={own} lane={index} healthyId={healthy?.id ?? null} />
              </>
            )}
          </section>
        );
      })}
    </div>
  );
}

function termOf(measure: Measure): string {
  const { label, unit } = MEASURES[measure];
  return unit === null ? label : `${label}, ${unit}`;
}

function valueText(value: number | null | undefined): string {
  return value === null || value === undefined ? '–' : numberText(value);
}

interface TopTableProps {
  readonly own: LaneStep;
  readonly lane: number;
  /** The healthy lane's choice at this step, which is marked. */
  readonly healthyId: number | null;
}

function TopTable({ own, lane, healthyId }: TopTableProps) {
  const best = own.top[0]?.logit ?? 0;
  return (
    <table className={styles.table}>
      <thead className="hidden">
        <tr>
          <th scope="col">Token</th>
          <th scope="col">Odds against the first</th>
          <th scope="col">Logit</th>
        </tr>
      </thead>
      <tbody>
        {own.top.map(({ id, token, logit }, place) => (
          <tr key={place}>
            <td className={styles.token}>
              <TokenText text={token} label={String(id)} />
              {id === healthyId && lane > 0 && (
                <>
                  {' '}
                  <LaneMark lane={0} />
                  <span className="hidden">the healthy lane’s token</span>
                </>
              )}
            </td>
            <td>
              <span
                className={styles.bar}
                style={{
                  width: `${100 * Math.exp(logit - best)}%`,
                  background: laneColour(lane),
                }}
              />
            </td>
            <td className={styles.logit}>{fourDecimals(logit)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
