import { useEffect, useId, useRef, useState } from 'react';
import { DEFAULT_HUB, type ModelSurvey, type Packing } from '../../protocol/models';
import { sameReference } from '../../state/modelChoice';
import { usePlayground } from '../../state/PlaygroundContext';
import { heldAs } from '../../state/surveyActions';
import { millions } from '../../ui/numbers';
import { visibleSentence } from '../../ui/visibleText';
import { LoadSurveyed } from './LoadSurveyed';
import styles from './OwnModel.module.css';
import { PackingChoices } from './PackingChoices';
import { architectureRows, bytesText, frequenciesText, limitsText } from './surveyText';
import { TensorTable } from './TensorTable';

interface SurveyCardProps {
  readonly survey: ModelSurvey;
  readonly onClose: () => void;
}

/** What is known of a model before it is loaded, how it may be held, and the button that loads it. */
export function SurveyCard({ survey: looked, onClose }: SurveyCardProps) {
  const { hub, commit } = looked.origin;
  const isKept = usePlayground(
    ({ stored }) =>
      stored?.some(
        (kept) =>
          kept.complete && kept.hub === hub && kept.id === looked.id && kept.commit === commit,
      ) === true,
  );
  const { id, origin, config, parameterCount, packings, recommended, notes } = looked;
  const [packing, setPacking] = useState<Packing>(recommended);
  const held = heldAs(looked, packing);
  const isLoaded = usePlayground(
    ({ choice, model }) =>
      model.status === 'ready' &&
      choice.packing === packing &&
      sameReference(choice.reference, looked.reference),
  );
  // What has been downloaded since is here now; of exports it is known of the one that is loaded.
  const oneForAll = packings.every(({ files }) => files === undefined);
  const isHere = isKept && (oneForAll || isLoaded);
  const survey = isHere ? { ...held, storedBytes: held.totalBytes } : held;
  const card = useRef<HTMLElement>(null);
  const titleId = useId();
  const rows = [
    ...architectureRows(config, survey.format),
    ...(parameterCount > 0 ? [['Parameters', millions(parameterCount)] as const] : []),
    ['Files', bytesText(survey)] as const,
  ];

  useEffect(() => {
    card.current?.focus({ preventScroll: true });
    card.current?.scrollIntoView({ block: 'nearest' });
  }, []);

  return (
    <section ref={card} className={styles.card} aria-labelledby={titleId} tabIndex={-1}>
      <button type="button" className={styles.close} onClick={onClose}>
        Close
      </button>
      <h3 id={titleId} className={styles.cardTitle}>
        {visibleSentence(id)}
      </h3>
      {origin.commit !== null && (
        <p className={styles.quiet}>
          {origin.hub !== DEFAULT_HUB && <>from {origin.hub} </>}at commit{' '}
          <code>{origin.commit}</code>
        </p>
      )}
      <dl className={styles.facts}>
        {rows.map(([what, value]) => (
          <div key={what}>
            <dt>{what}</dt>
            <dd>{visibleSentence(value)}</dd>
          </div>
        ))}
      </dl>
      <p>{visibleSentence(frequenciesText(survey))}</p>
      {notes.map((note) => (
        <p key={note}>{visibleSentence(note)}</p>
      ))}
      {survey.tensors.length > 0 && <TensorTable survey={survey} />}
      <PackingChoices
        packings={packings}
        recommended={recommended}
        recommendation={survey.recommendation}
        value={packing}
        onChange={setPacking}
      />
      <p className={styles.quiet}>{limitsText(survey.limits)}</p>
      <LoadSurveyed survey={survey} packing={packing} />
    </section>
  );
}
