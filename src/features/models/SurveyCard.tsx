import { useEffect, useId, useRef, useState } from 'react';
import { DEFAULT_HUB, type ModelSurvey, type Packing } from '../../protocol/models';
import { sameReference } from '../../state/modelChoice';
import { usePlayground } from '../../state/PlaygroundContext';
import { LARGE_DOWNLOAD, missingBytes } from '../../state/surveyActions';
import { millions } from '../../ui/numbers';
import { visibleSentence } from '../../ui/visibleText';
import styles from './OwnModel.module.css';
import { PackingChoices } from './PackingChoices';
import { architectureRows, bytesText, frequenciesText, limitsText, loadLabel } from './surveyText';
import { TensorTable } from './TensorTable';

interface SurveyCardProps {
  readonly survey: ModelSurvey;
  readonly onClose: () => void;
}

/** What is known of a model before it is loaded, how it may be held, and the button that loads it. */
export function SurveyCard({ survey, onClose }: SurveyCardProps) {
  const { id, origin, config, parameterCount, packings, recommended, notes } = survey;
  const [packing, setPacking] = useState<Packing>(recommended);
  const card = useRef<HTMLElement>(null);
  const titleId = useId();
  const rows = [
    ...architectureRows(config),
    ['Parameters', millions(parameterCount)] as const,
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
      <TensorTable survey={survey} />
      <PackingChoices
        packings={packings}
        recommended={recommended}
        recommendation={survey.recommendation}
        value={packing}
        onChange={setPacking}
      />
      <p className={styles.quiet}>{limitsText(survey.limits)}</p>
      <LoadButton survey={survey} packing={packing} />
    </section>
  );
}

interface LoadButtonProps {
  readonly survey: ModelSurvey;
  readonly packing: Packing;
}

function LoadButton({ survey, packing }: LoadButtonProps) {
  const load = usePlayground((playground) => playground.loadSurveyed);
  const choice = usePlayground((playground) => playground.choice);
  const status = usePlayground(({ model }) => model.status);
  const isIts = sameReference(choice.reference, survey.reference) && choice.packing === packing;
  const impossible = survey.packings.find((one) => one.packing === packing)?.obstacle !== null;
  const going = isIts && status === 'loading';
  const here = isIts && status === 'ready';
  const off = impossible || going || here;
  return (
    <div className={styles.loading}>
      <button
        type="button"
        className="button"
        data-kind="primary"
        aria-disabled={off}
        onClick={() => {
          if (!off) load(survey, packing);
        }}
      >
        {here ? 'Loaded' : going ? 'Loading…' : loadLabel(survey)}
      </button>
      <Keeping large={survey.origin.kind === 'hub' && missingBytes(survey) >= LARGE_DOWNLOAD} />
    </div>
  );
}

/** Whether the browser will keep what is downloaded. */
function Keeping({ large }: { readonly large: boolean }) {
  const keeping = usePlayground((playground) => playground.keeping);
  switch (keeping) {
    case 'unasked':
      return (
        large && (
          <p className={styles.quiet}>
            It is kept on this machine, and is there when you come back.
          </p>
        )
      );
    case 'asking':
      return <p className={styles.quiet}>The browser is asked to keep it…</p>;
    case 'kept':
      return <p className={styles.quiet}>The browser has agreed to keep what is stored.</p>;
    case 'may-go':
      return (
        <p className={styles.quiet}>
          The browser stores it, but may delete it when it runs out of space.
        </p>
      );
  }
}
