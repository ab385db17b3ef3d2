import { useEffect, useState } from 'react';
import { DEFAULT_HUB, type StoredModel } from '../../protocol/models';
import { storedReference } from '../../state/modelChoice';
import { usePlayground } from '../../state/PlaygroundContext';
import { byteCount } from '../../ui/numbers';
import { visibleSentence } from '../../ui/visibleText';
import styles from './OwnModel.module.css';

/** Models that are kept on this machine: what they take, and what can be done with them. */
export function StoredModels() {
  const stored = usePlayground((playground) => playground.stored);
  const trouble = usePlayground((playground) => playground.storedTrouble);
  const refresh = usePlayground((playground) => playground.refreshStored);

  useEffect(() => {
    void refresh();
  }, [refresh]);

  return (
    <section className={styles.part} aria-labelledby="stored-models">
      <h3 id="stored-models" className={styles.partTitle}>
        Stored on this machine
      </h3>
      {trouble !== null && (
        <p role="alert" className={styles.wrong}>
          {visibleSentence(trouble.message)} {trouble.action}
        </p>
      )}
      {stored?.length === 0 && <p className={styles.quiet}>None yet.</p>}
      <ul className={styles.stored}>
        {stored?.map((model) => (
          <Stored key={model.key} model={model} />
        ))}
      </ul>
    </section>
  );
}

function Stored({ model }: { readonly model: StoredModel }) {
  const { id, hub, commit, bytes, totalBytes, complete } = model;
  const load = usePlayground((playground) => playground.loadStored);
  const lookAt = usePlayground((playground) => playground.lookAt);
  return (
    <li>
      <p>
        <strong>{visibleSentence(id)}</strong> <code title={commit}>{commit.slice(0, 8)}</code>
        {hub !== DEFAULT_HUB && <> from {hub}</>}
        <span className={styles.quiet}>
          {complete ? byteCount(bytes) : `${byteCount(bytes)} of ${byteCount(totalBytes)}`}
        </span>
      </p>
      <div className={styles.buttons}>
        {complete ? (
          <button
            type="button"
            className={styles.action}
            aria-label={`Load ${id}`}
            onClick={() => load(model)}
          >
            Load
          </button>
        ) : (
          <button
            type="button"
            className={styles.action}
            aria-label={`Go on with ${id}`}
            onClick={() => void lookAt(storedReference(model))}
          >
            Go on…
          </button>
        )}
        <Delete model={model} />
      </div>
    </li>
  );
}

/** What is gone has to be downloaded again: asked twice. */
function Delete({ model: { key, id, bytes } }: { readonly model: StoredModel }) {
  const remove = usePlayground((playground) => playground.deleteStored);
  const [asked, setAsked] = useState(false);
  if (!asked) {
    return (
      <button
        type="button"
        className={styles.action}
        aria-label={`Delete ${id}`}
        onClick={() => setAsked(true)}
      >
        Delete
      </button>
    );
  }
  return (
    <>
      <button
        type="button"
        className={styles.action}
        data-kind="alarm"
        autoFocus
        onClick={() => void remove(key)}
      >
        Delete {byteCount(bytes)} for good
      </button>
      <button type="button" className={styles.action} onClick={() => setAsked(false)}>
        Keep
      </button>
    </>
  );
}
