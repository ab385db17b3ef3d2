import { usePlayground } from '../../state/PlaygroundContext';
import { recordOf } from '../../state/run';
import { laneColour, LaneMark, laneName } from '../../ui/lane';
import { threeDecimals } from '../../ui/numbers';
import { Dials } from './Dials';
import { Evidence } from './Evidence';
import styles from './Why.module.css';

/** The second pair of the published case: θ = 1,000,000, headDim 64. The run on screen replaces it with its own. */
const SECOND_FREQUENCY = 0.649;

/** What happened to the model of the published case, and what is measured here. */
export function Why() {
  const record = usePlayground(({ run }) => recordOf(run));
  const hands = record?.lanes.flatMap(({ spec, rotation }, lane) => {
    const frequency = rotation?.invFreq[1];
    return frequency === undefined ? [] : [{ name: laneName(spec, lane), frequency }];
  });
  const shown =
    hands && hands.length > 0
      ? hands
      : [
          { name: 'Healthy', frequency: SECOND_FREQUENCY },
          { name: 'inv_freq lost', frequency: 0 },
        ];
  return (
    <section className={styles.why} aria-labelledby="why">
      <div className={styles.story}>
        <h2 id="why">Why do they part?</h2>
        <p>
          Attention by itself cannot tell first from last. Rotary position embedding tells it: it
          turns each pair of query and key components by an angle that grows with the position, at
          the rates in <code>inv_freq</code>. That buffer is not saved with the checkpoint, so
          whoever loads the model must compute it again. A newer loader did not: it built the module
          without memory, found nothing in the file for the buffer, and went on. Where it then reads
          zero, every angle is zero, no token knows its place, and nothing raises an error: the text
          stays fluent for a while, and is wrong.
        </p>
        <p className="note">
          All lanes above are one graph, one set of weights and one batch. All that differs is this
          one vector.
        </p>
      </div>
      <figure className={styles.figure}>
        {shown.map(({ name, frequency }, lane) => (
          <div key={lane} className={styles.row}>
            <span>
              <LaneMark lane={lane} /> {name}
            </span>
            <Dials
              label={`${name}: a hand that turns ${threeDecimals(frequency)} radians per token`}
              frequency={frequency}
              colour={laneColour(lane)}
            />
          </div>
        ))}
        <figcaption className="note">
          The second pair of components, position 0 to 11: <code>inv_freq[1]</code> radians per
          token.
        </figcaption>
      </figure>
      <Evidence record={record} />
    </section>
  );
}
