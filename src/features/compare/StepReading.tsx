import type { LaneStep } from '../../protocol/engineApi';
import { type DecodedRun, nonFiniteStep } from '../../state/run';
import { laneColour, LaneMark, laneName } from '../../ui/lane';
import { fourDecimals } from '../../ui/numbers';
import { TokenText } from '../../ui/TokenText';
import type { Place } from './place';
import styles from './StepReading.module.css';
import { marginOf } from './verdict';

/** Ranks shown of each lane, so that all lanes fit into view beside the strips. */
const shownOf = (lanes: number) => (lanes <= 2 ? 5 : lanes <= 4 ? 3 : 2);

interface StepReadingProps {
  readonly record: DecodedRun;
  readonly place: Place;
  /** Did the visitor choose the place? Then the reading stays in view on a small screen as well. */
  readonly chosen: boolean;
}

/** What every lane held at one step: its highest logits, and how far the first was ahead. */
export function StepReading({ record, place: { step }, chosen }: StepReadingProps) {
  return (
    <aside
      className={styles.reading}
      aria-label="Logits of a step"
      data-testid="reading"
      data-chosen={chosen || undefined}
    >
      <h3 className={styles.title}>
        Token {step + 1}{' '}
        <span className={styles.legend}>highest logits; bar: odds against the first</span>
      </h3>
      <div className={styles.lanes} data-many={record.lanes.length > 4 || undefined}>
        {record.lanes.map((of, lane) => (
          <div key={lane} data-lane={lane}>
            <p className={styles.name}>
              <LaneMark lane={lane} /> {laneName(of.spec, lane)}
            </p>
            <TopTokens
              token={of.steps[step]}
              lane={lane}
              shown={shownOf(record.lanes.length)}
              none={nonFiniteStep(of) === step ? 'NaN: not numbers' : 'no token here'}
            />
          </div>
        ))}
      </div>
    </aside>
  );
}

interface TopTokensProps {
  readonly token: LaneStep | undefined;
  readonly lane: number;
  readonly shown: number;
  /** Said where there is no token. */
  readonly none: string;
}

function TopTokens({ token, lane, shown, none }: TopTokensProps) {
  const best = token?.top[0]?.logit ?? 0;
  const margin = token && marginOf(token);
  return (
    <>
      <table className={styles.table}>
        <thead className="hidden">
          <tr>
            <th scope="col">Token</th>
            <th scope="col">Id</th>
            <th scope="col">Logit</th>
          </tr>
        </thead>
        <tbody>
          {Array.from({ length: shown }, (_, rank) => {
            const top = token?.top[rank];
            return top === undefined ? (
              <tr key={rank} aria-hidden="true">
                <td colSpan={3}>{rank === 0 && token === undefined ? none : ''}</td>
              </tr>
            ) : (
              <tr key={rank}>
                <td className={styles.token}>
                  <TokenText text={top.token} label={String(top.id)} />
                  <span
                    className={styles.bar}
                    style={{
                      width: `${100 * Math.exp(top.logit - best)}%`,
                      background: laneColour(lane),
                    }}
                  />
                </td>
                <td className={styles.id}>{top.id}</td>
                <td className={styles.logit}>{fourDecimals(top.logit)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
      <p className={styles.margin}>
        {margin !== undefined && margin !== null && `${fourDecimals(margin)} ahead of the next`}
      </p>
    </>
  );
}
