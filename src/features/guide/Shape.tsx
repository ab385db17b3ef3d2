import styles from './Shape.module.css';

const STEPS = [
  ['__init__ on meta', 'a shape, no values', 'computed, and nothing is kept'],
  ['checkpoint', 'a shape, no values', 'it is in no file: persistent=False'],
  ['empty_like, to_empty', 'whatever was there', 'memory, and nobody fills it'],
  ['_init_weights', 'whatever was there', 'does not know the buffer'],
  ['forward', 'whatever was there', 'angles from leftovers; no error'],
] as const;

/** What the instances share, in words and as the way of the buffer through loading. */
export function Shape() {
  return (
    <div className={styles.shape}>
      <div className={styles.prose}>
        <p>
          A module computes a table in <code>__init__</code> and registers it as a buffer that is
          not saved, because it can always be computed again. A loader builds the module on the meta
          device, where tensors have shapes and no values, to save time and memory. Then it gives
          every tensor real memory: the weights from the checkpoint, and the buffer from nowhere.
        </p>
        <p>
          Somebody would have to compute it again, and each part takes another to be doing so. What
          makes it hard to find is what does not happen: no key is missing, no tensor of the
          checkpoint differs, nothing raises. Where the leftovers are finite, the output is fluent,
          and wrong.
        </p>
      </div>
      <figure className={styles.figure}>
        <ol>
          {STEPS.map(([step, holds, why]) => (
            <li key={step} data-lost={holds === 'whatever was there'}>
              <code>{step}</code>
              <span className={styles.holds}>
                <code>inv_freq</code>: {holds}
              </span>
              <span className={styles.why}>{why}</span>
            </li>
          ))}
        </ol>
        <figcaption className="note">The way of the buffer, from top to bottom.</figcaption>
      </figure>
    </div>
  );
}
