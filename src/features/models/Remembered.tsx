import { usePlayground } from '../../state/PlaygroundContext';
import { visibleSentence } from '../../ui/visibleText';
import styles from './OwnModel.module.css';

/** A model of the last visit that would have to be fetched: nothing is, until the visitor says so. */
export function Remembered({ onOpen }: { readonly onOpen: () => void }) {
  const remembered = usePlayground((playground) => playground.remembered);
  const lookAt = usePlayground((playground) => playground.lookAt);
  const forget = usePlayground((playground) => playground.forgetRemembered);
  if (remembered === null) return null;
  return (
    <section className={styles.remembered} aria-label="Model of the last visit">
      <p>
        Last time this page used <strong>{visibleSentence(remembered.id)}</strong>. It is not all
        stored on this machine.
      </p>
      <div className={styles.buttons}>
        <button
          type="button"
          className={styles.action}
          onClick={() => {
            onOpen();
            void lookAt(remembered.reference);
          }}
        >
          Look it up again
        </button>
        <button type="button" className={styles.action} onClick={forget}>
          Not now
        </button>
      </div>
    </section>
  );
}
