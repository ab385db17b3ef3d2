import { DEFAULT_HUB } from '../../protocol/models';
import { packingText } from '../../repro/reproModel';
import { isStoredAs } from '../../state/modelChoice';
import type { Opening } from '../../state/opening';
import { usePlayground } from '../../state/PlaygroundContext';
import { ModelPicker } from '../../ui/ModelPicker';
import { byteCount } from '../../ui/numbers';
import { visibleSentence } from '../../ui/visibleText';
import styles from './OpenedRun.module.css';

type Question = Opening & { readonly status: 'question' };

/** Which model an opened run needs, whose it is, and what it takes. All of it is a stranger's claim. */
export function ModelFacts({ opening: { opened, what } }: { readonly opening: Question }) {
  const { model } = opened.repro;
  const { id, sha256, hub, commit, bytes } = model;
  const isStored = usePlayground(({ stored, bundled }) => {
    if (what.kind !== 'hub') return false;
    const choice = { ...bundled, reference: what.reference };
    return stored?.some((kept) => kept.complete && isStoredAs(choice, kept)) === true;
  });
  const size = () => {
    if (isStored) return 'all stored on this machine: nothing is downloaded';
    return bytes === undefined ? 'the link does not say' : `${byteCount(bytes)}, as the link says`;
  };
  return (
    <dl className={styles.facts}>
      <div>
        <dt>Model</dt>
        <dd>
          <strong>{visibleSentence(id)}</strong>
          {model.packing !== undefined && `, ${packingText(model)}`}
        </dd>
      </div>
      {commit !== undefined && (
        <div>
          <dt>Commit</dt>
          <dd>
            <code>{commit}</code>
          </dd>
        </div>
      )}
      {hub === undefined ? (
        <div>
          <dt>SHA-256</dt>
          <dd>
            begins with <code>{sha256.slice(0, 16)}</code>
          </dd>
        </div>
      ) : (
        <div>
          <dt>From</dt>
          <dd>
            <code>{hub}</code>
            {hub !== DEFAULT_HUB && (
              <strong className={styles.stranger}> ! not the usual hub, {DEFAULT_HUB}</strong>
            )}
          </dd>
        </div>
      )}
      {what.kind === 'hub' && (
        <div>
          <dt>Size</dt>
          <dd>{size()}</dd>
        </div>
      )}
    </dl>
  );
}

interface ModelAnswersProps {
  readonly opening: Question;
  /** Wraps what a button does that goes with what it was for. */
  readonly leaving: (leave: () => void) => () => void;
}

/** Yes, or not now. */
export function ModelAnswers({ opening, leaving }: ModelAnswersProps) {
  const agree = usePlayground((playground) => playground.agree);
  const close = usePlayground((playground) => playground.closeOpening);
  return (
    <div className={styles.answers}>
      {opening.what.kind === 'files' ? (
        <ModelPicker
          className="button"
          onModel={(model) => leaving(() => void agree({ kind: 'files', ...model }))()}
        />
      ) : (
        <button
          type="button"
          className="button"
          data-kind="primary"
          onClick={leaving(() => void agree())}
        >
          Load it and run
        </button>
      )}
      <button type="button" className="button" onClick={leaving(close)}>
        Not now
      </button>
    </div>
  );
}
