import { useEffect, useRef } from 'react';
import { usePlayground } from '../../state/PlaygroundContext';
import { placeOf } from '../../state/modelChoice';
import type { ModelReference } from '../../protocol/models';
import { visibleSentence } from '../../ui/visibleText';
import styles from './OwnModel.module.css';
import { SurveyCard } from './SurveyCard';

/** What became of the last look at a model. */
export function Looked() {
  const looking = usePlayground((playground) => playground.looking);
  const isLoading = usePlayground(({ model }) => model.status === 'loading');
  const lookAt = usePlayground((playground) => playground.lookAt);
  const stop = usePlayground((playground) => playground.stopLooking);
  const place = useRef<HTMLDivElement>(null);
  const { status } = looking;

  // On a small screen it is far below the button. The card sees to itself.
  useEffect(() => {
    const isShort = status === 'surveying' || status === 'failed';
    if (isShort) place.current?.scrollIntoView({ block: 'nearest' });
  }, [status]);

  return (
    <div ref={place} className={styles.looked}>
      <div role="status" className={styles.said}>
        {looking.status === 'surveying' && (
          <>
            <p>
              {isLoading
                ? 'It is looked at when the load that is going on has ended.'
                : `Looking at ${nameOf(looking.reference)}: its config and the heads of its files…`}
            </p>
            <button type="button" className={styles.action} onClick={stop}>
              Stop looking
            </button>
          </>
        )}
      </div>
      {looking.status === 'failed' && (
        <div role="alert" className={styles.trouble} data-code={looking.error.code}>
          <p>
            <strong>{nameOf(looking.reference)}</strong>: {visibleSentence(looking.error.message)}
          </p>
          <p>{looking.error.action}</p>
          <button
            type="button"
            className={styles.action}
            onClick={() => void lookAt(looking.reference)}
          >
            Try again
          </button>{' '}
          <button type="button" className={styles.action} onClick={stop}>
            Close
          </button>
        </div>
      )}
      {looking.status === 'surveyed' && (
        <SurveyCard
          key={`${looking.survey.id} ${looking.survey.origin.commit}`}
          survey={looking.survey}
          onClose={stop}
        />
      )}
    </div>
  );
}

function nameOf(reference: ModelReference): string {
  switch (reference.kind) {
    case 'hub':
      return visibleSentence(placeOf(reference));
    case 'files':
      return visibleSentence(reference.name);
    case 'directory':
      return visibleSentence(reference.location);
  }
}
