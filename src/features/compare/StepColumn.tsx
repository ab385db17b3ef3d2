import { memo } from 'react';
import type { LaneStep } from '../../protocol/engineApi';
import { type LaneRecord, nonFiniteStep } from '../../state/run';
import { laneName } from '../../ui/lane';
import { TokenText } from '../../ui/TokenText';
import styles from './TokenStrips.module.css';

interface StepColumnProps {
  readonly step: number;
  readonly lanes: readonly LaneRecord[];
  /** Where each lane parts from the first. */
  readonly parts: readonly (number | null)[];
  readonly firstParting: number | null;
  /** Do all lanes read the first one's text? Then each step stands for itself. */
  readonly forced: boolean;
  /** The lane whose token is the tab stop, if it is at this step. */
  readonly tabLane: number | null;
  readonly shown: boolean;
}

/** One step: a token of each lane, one above the other, and the flag where the first lane parts. */
export function StepColumn({
  step,
  lanes,
  parts,
  firstParting,
  forced,
  tabLane,
  shown,
}: StepColumnProps) {
  const flagged = step === firstParting;
  const healthyId = lanes[0]?.steps[step]?.id;
  return (
    <div
      className={styles.column}
      data-line
      data-parts={flagged || undefined}
      data-shown={shown || undefined}
    >
      <span className={styles.gutter} aria-hidden="true">
        {flagged ? <span className={styles.flag}>parts here: token {step + 1}</span> : step + 1}
      </span>
      {lanes.map((record, lane) => {
        const token = record.steps[step];
        if (token === undefined) {
          return nonFiniteStep(record) === step ? (
            <span
              key={lane}
              className={`${styles.token ?? ''} ${styles.nan ?? ''}`}
              data-lane={lane}
              data-nan
              title="The logits of this step are not numbers"
            >
              NaN
            </span>
          ) : (
            <span key={lane} className={styles.none} />
          );
        }
        const parting = lane === 0 ? firstParting : (parts[lane] ?? null);
        const apart = forced
          ? lane > 0 && token.id !== healthyId
          : parting !== null && step >= parting;
        return (
          <TokenButton
            key={lane}
            token={token}
            name={laneName(record.spec, lane)}
            lane={lane}
            step={step}
            apart={apart}
            partsHere={step === parting}
            flagged={flagged}
            tabbable={tabLane === lane}
          />
        );
      })}
    </div>
  );
}

interface TokenButtonProps {
  readonly token: LaneStep;
  readonly name: string;
  readonly lane: number;
  readonly step: number;
  readonly apart: boolean;
  readonly partsHere: boolean;
  /** Does the column's flag say so already? */
  readonly flagged: boolean;
  readonly tabbable: boolean;
}

const TokenButton = memo(function TokenButton({
  token,
  name,
  lane,
  step,
  apart,
  partsHere,
  flagged,
  tabbable,
}: TokenButtonProps) {
  const said = token.text === '' ? token.label : token.text;
  return (
    <button
      type="button"
      className={styles.token}
      data-token={`${lane}.${step}`}
      data-lane={lane}
      data-id={token.id}
      data-apart={apart || undefined}
      data-parting={(partsHere && !flagged) || undefined}
      data-shade={step % 2}
      tabIndex={tabbable ? 0 : -1}
      aria-label={`${name}, token ${step + 1}: “${said}”, id ${token.id}${partsHere ? ', parts here' : ''}`}
    >
      <TokenText text={token.text} label={token.label} />
    </button>
  );
});
