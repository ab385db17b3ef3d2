import { type LaneRotation, laneTables } from '../../core/lanes';
import type { LaneRecord } from '../../state/run';
import { laneColour, LaneMark, laneName } from '../../ui/lane';
import { threeDecimals } from '../../ui/numbers';
import { tokenCount } from './laneEnding';
import styles from './LaneFacts.module.css';

const SHOWN_PAIRS = 4;

/** A lane's name, and what its rotation is made from: the first four pairs, as the published case printed them. */
export function LaneFacts({ lane, index }: { readonly lane: LaneRecord; readonly index: number }) {
  const { spec, rotation } = lane;
  return (
    <section
      className={styles.lane}
      style={{ borderColor: laneColour(index) }}
      aria-label={laneName(spec, index)}
      data-lane={index}
    >
      <h3 className={styles.name}>
        <span>
          <LaneMark lane={index} /> {laneName(spec, index)}
        </span>
        <span className={styles.count}>{tokenCount(lane)}</span>
      </h3>
      <dl className={styles.facts}>
        <Row term="inv_freq[:4]" values={rotation && [...rotation.invFreq.slice(0, SHOWN_PAIRS)]} />
        <Row term="cos, position 1" values={rotation && atPositionOne(lane, rotation, 'cos')} />
        <Row term="sin, position 1" values={rotation && atPositionOne(lane, rotation, 'sin')} />
      </dl>
      <p className={styles.badges}>{rotation !== null && index > 0 && badges(lane, rotation)}</p>
    </section>
  );
}

/** As the forward pass has it: with what goes wrong after inv_freq. */
function atPositionOne(
  { spec }: LaneRecord,
  rotation: LaneRotation,
  table: 'cos' | 'sin',
): number[] {
  const pairs = rotation.invFreq.length;
  return [...laneTables(spec, rotation, 2)[table].slice(pairs, pairs + SHOWN_PAIRS)];
}

function badges(
  { spec }: LaneRecord,
  { guardFired, tablesIdentical, pairing }: LaneRotation,
): string {
  const guard =
    spec.guard === 'none' ? 'No guard' : guardFired ? '✓ Guard fired' : 'Guard stayed silent';
  const tables = tablesIdentical ? '= tables identical to healthy' : '≠ tables differ from healthy';
  const pairs = pairing === 'halves' ? [] : ['≠ neighbours are paired, not halves'];
  return [guard, tables, ...pairs].join('  ·  ');
}

function Row({
  term,
  values,
}: {
  readonly term: string;
  readonly values: readonly number[] | null;
}) {
  return (
    <div>
      <dt>{term}</dt>
      <dd>{values === null ? '…' : values.map(threeDecimals).join(' ')}</dd>
    </div>
  );
}
