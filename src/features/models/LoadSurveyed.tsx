import type { ModelSurvey, Packing } from '../../protocol/models';
import { LOAD_PHASES } from '../../state/loadPhases';
import { sameReference } from '../../state/modelChoice';
import { usePlayground } from '../../state/PlaygroundContext';
import { LARGE_DOWNLOAD, missingBytes } from '../../state/surveyActions';
import { LoadingLine } from '../../ui/LoadingLine';
import styles from './OwnModel.module.css';
import { loadLabel } from './surveyText';

interface LoadSurveyedProps {
  readonly survey: ModelSurvey;
  readonly packing: Packing;
}

/** The button that loads what was looked at, and how far that is. */
export function LoadSurveyed({ survey, packing }: LoadSurveyedProps) {
  const load = usePlayground((playground) => playground.loadSurveyed);
  const choice = usePlayground((playground) => playground.choice);
  const model = usePlayground((playground) => playground.model);
  const cancel = usePlayground((playground) => playground.cancelLoad);
  const isIts = sameReference(choice.reference, survey.reference) && choice.packing === packing;
  const impossible = survey.packings.find((one) => one.packing === packing)?.obstacle !== null;
  if (isIts && model.status === 'loading') {
    const { phase = 'files', loadedBytes = 0, totalBytes = 0 } = model.progress ?? {};
    return (
      <div className={styles.loading}>
        <div className={styles.line}>
          <LoadingLine
            phase={LOAD_PHASES[phase]}
            loadedBytes={loadedBytes}
            totalBytes={totalBytes}
            measured={phase === 'files'}
          />
        </div>
        <button
          type="button"
          className={styles.action}
          onClick={({ currentTarget }) => {
            currentTarget.closest('section')?.focus();
            cancel();
          }}
        >
          Cancel
        </button>
        <Keeping survey={survey} />
      </div>
    );
  }
  const here = isIts && model.status === 'ready';
  const off = impossible || here;
  return (
    <div className={styles.loading}>
      <button
        type="button"
        className="button"
        data-kind="primary"
        aria-disabled={off}
        onClick={({ currentTarget }) => {
          if (off) return;
          // The button makes way for the progress: the focus stays near.
          currentTarget.closest('section')?.focus();
          load(survey, packing);
        }}
      >
        {here ? 'Loaded' : loadLabel(survey)}
      </button>
      <Keeping survey={survey} />
    </div>
  );
}

/** Whether the browser will keep what is downloaded. */
function Keeping({ survey }: { readonly survey: ModelSurvey }) {
  const keeping = usePlayground((playground) => playground.keeping);
  if (survey.origin.kind !== 'hub' || missingBytes(survey) < LARGE_DOWNLOAD) return null;
  return <p className={styles.quiet}>{KEEPING[keeping]}</p>;
}

const KEEPING = {
  unasked: 'It is kept on this machine, and is there when you come back.',
  asking: 'The browser is asked to keep it…',
  kept: 'The browser has agreed to keep what is stored.',
  'may-go': 'The browser stores it, but may delete it when it runs out of space.',
} as const;
