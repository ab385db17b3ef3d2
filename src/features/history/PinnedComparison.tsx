import { useState } from 'react';
import type { FinishedRun } from '../../repro/repro';
import { NEAR_TIE } from '../../repro/verdict';
import type { PinnedRun } from '../../state/history';
import { useHistory } from '../../state/HistoryContext';
import { LaneMark, laneName } from '../../ui/lane';
import { fourDecimals } from '../../ui/numbers';
import { visibleSentence, visibleText } from '../../ui/visibleText';
import { timeText } from './entryText';
import {
  type Choice,
  type LaneDifference,
  laneDifferences,
  otherDifferences,
} from './laneDifferences';
import styles from './PinnedComparison.module.css';
import { usePresentRun } from './usePresentRun';

/** The run on screen beside the pinned one: where each lane first says something else. Nothing if none is pinned. */
export function PinnedComparison({ onUnpin }: { readonly onUnpin: () => void }) {
  const pinned = useHistory((history) => history.pinned);
  const pin = useHistory((history) => history.pin);
  const present = usePresentRun();
  if (pinned === null) return null;
  const { run, at } = pinned;
  return (
    <section className={styles.pinned} aria-labelledby="pinned-run">
      <header className={styles.head}>
        <h2 id="pinned-run" className={styles.title}>
          Compared with the pinned run
        </h2>
        <button
          type="button"
          className={styles.unpin}
          onClick={() => {
            void pin(null);
            onUnpin();
          }}
        >
          Unpin
        </button>
        <p className={styles.gist}>
          <bdi className={styles.prompt}>“{visibleSentence(run.prompt)}”</bdi>
          <time dateTime={new Date(at).toISOString()}>{timeText(at)}</time>
        </p>
      </header>
      <Compared
        pinned={pinned}
        present={present?.run ?? null}
        isSame={present?.key === pinned.key}
      />
    </section>
  );
}

interface ComparedProps {
  readonly pinned: PinnedRun;
  /** Null until a run has ended. */
  readonly present: FinishedRun | null;
  readonly isSame: boolean;
}

/** What was compared last stays while the next run is going on, so that nothing below moves. */
function Compared({ pinned, present, isSame }: ComparedProps) {
  const [last, setLast] = useState(present);
  if (present !== null && present !== last) setLast(present);
  const shown = present ?? last;
  if (shown === null) {
    return <p className="note">Run something: when it has ended, it is compared here.</p>;
  }
  const lanes = laneDifferences(shown, pinned.run);
  const others = otherDifferences(shown, pinned.run);
  return (
    <div aria-busy={present === null} className={styles.compared}>
      <p role="status">
        {present === null ? 'A run is going on; this is the one before it.' : gist(lanes, isSame)}
        {others.length > 0 && ` Also different: ${others.join(', ')}.`}
      </p>
      {/* With its roles said: on a small screen its rows are grids. */}
      <table role="table" className={styles.table}>
        <thead>
          <tr role="row">
            <th role="columnheader">Lane</th>
            <th role="columnheader">Pinned</th>
            <th role="columnheader">On screen</th>
          </tr>
        </thead>
        <tbody>
          {lanes.map((lane, i) => (
            <Row key={i} lane={lane} present={shown} pinned={pinned.run} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function gist(lanes: readonly LaneDifference[], isSame: boolean): string {
  const differing = lanes.filter(({ step }) => step !== null).length;
  if (isSame) return 'The same run, with the same tokens in every lane.';
  if (differing === 0) return 'No lane says anything else, as far as both went.';
  return differing === 1
    ? 'One lane says something else.'
    : `${differing} of ${lanes.length} lanes say something else.`;
}

function Row({
  lane,
  present,
  pinned,
}: {
  readonly lane: LaneDifference;
  readonly present: FinishedRun;
  readonly pinned: FinishedRun;
}) {
  const own = nameIn(present, lane.present);
  const other = nameIn(pinned, lane.pinned);
  return (
    <tr role="row">
      <th role="rowheader" scope="row">
        {lane.present !== null && <LaneMark lane={lane.present} />} <bdi>{own ?? other}</bdi>
        {own !== null && other !== null && own !== other && (
          <span className={styles.against}>
            against <bdi>{other}</bdi>
          </span>
        )}
        <span className={styles.where}>{whereText(lane)}</span>
      </th>
      <td role="cell">
        {lane.pinned === null ? '–' : <ChoiceText choice={lane.choices.pinned} lane={lane} />}
      </td>
      <td role="cell">
        {lane.present === null ? '–' : <ChoiceText choice={lane.choices.present} lane={lane} />}
      </td>
    </tr>
  );
}

function nameIn({ lanes }: FinishedRun, index: number | null): string | null {
  const lane = index === null ? undefined : lanes[index];
  return lane === undefined || index === null ? null : visibleSentence(laneName(lane, index));
}

function whereText({ present, pinned, step, alike }: LaneDifference): string {
  if (present === null) return 'only in the pinned run';
  if (pinned === null) return 'only in the run on screen';
  if (step !== null) return `first differs at token ${step + 1}`;
  return alike === 1 ? 'the same one token' : `the same ${alike} tokens`;
}

function ChoiceText({
  choice,
  lane: { step },
}: {
  readonly choice: Choice | null;
  readonly lane: LaneDifference;
}) {
  if (step === null) return '=';
  if (choice === null) return 'had ended';
  const { token, id, margin } = choice;
  return (
    <>
      <bdi className={styles.token}>“{visibleText(token)}”</bdi>{' '}
      <span className={styles.id}>{id}</span>
      {margin !== null && (
        <span className={styles.margin}>
          {fourDecimals(margin)} ahead of the next{margin < NEAR_TIE && ': a near-tie'}
        </span>
      )}
    </>
  );
}
