import { useRef } from 'react';
import { flushSync } from 'react-dom';
import { type StoreApi, useStore } from 'zustand';
import type { Laboratory } from '../../state/laboratory';
import type { Progress } from '../../state/progress';
import { Accounts } from './Accounts';
import { type Experiments, findingOf } from './experiments';
import styles from './Investigation.module.css';
import type { Finding, Lesson } from './lesson';
import { LESSONS } from './lessons';
import { PlaygroundLink } from './PlaygroundLink';
import { Prediction } from './Prediction';
import { Failed, Waiting } from './Waiting';

interface LessonPageProps {
  readonly lesson: Lesson;
  readonly laboratory: Laboratory;
  readonly experiments: StoreApi<Experiments<Finding>>;
  readonly progress: StoreApi<Progress>;
}

/** One step: what was thought, what the visitor expects, what happens here, and what was concluded. */
export function LessonPage({ lesson, laboratory, experiments, progress }: LessonPageProps) {
  const { slug } = lesson;
  const seen = useStore(progress, (store) => store.seen[slug]);
  const see = useStore(progress, (store) => store.see);
  const start = useStore(experiments, (store) => store.start);
  const experiment = useStore(experiments, (store) => store.bySlug[slug]);
  const finding = findingOf(experiment);
  const outcome = useRef<HTMLHeadingElement>(null);

  const run = () => void start(slug, lesson.experiment);
  const reveal = (expected: string | null) => {
    // The button that was pressed is gone then: the reader goes on at what it has brought.
    flushSync(() => {
      see(slug, expected);
      run();
    });
    outcome.current?.focus();
  };

  return (
    <>
      <p className="eyebrow">
        Step {LESSONS.indexOf(lesson) + 1} of {LESSONS.length}
      </p>
      <h2>{lesson.title}</h2>
      <div className={styles.prose}>{lesson.prose}</div>
      {seen === undefined ? (
        <Prediction lesson={lesson} onPredict={reveal} onSkip={() => reveal(null)} />
      ) : (
        <>
          <section className={styles.outcome} data-experiment={experiment?.status ?? 'idle'}>
            <h3 ref={outcome} tabIndex={-1}>
              {lesson.question}
            </h3>
            <dl>
              <dt>You expected</dt>
              <dd>{expectationOf(lesson, seen.expected)}</dd>
              <dt>What happened</dt>
              <dd>
                <div role="status">
                  {experiment?.status === 'running' && <Waiting laboratory={laboratory} />}
                  {finding !== null && <p data-testid="happened">{finding.happened}</p>}
                  {experiment === undefined && <p>You ran this on an earlier visit.</p>}
                </div>
              </dd>
            </dl>
            {experiment?.status === 'failed' && <Failed error={experiment.error} onRetry={run} />}
            {finding?.details}
            {experiment?.status !== 'failed' && (
              <button
                type="button"
                className="button"
                aria-disabled={experiment?.status === 'running'}
                onClick={run}
              >
                {finding === null ? 'Run the experiment' : 'Run it again'}
              </button>
            )}
          </section>
          <Accounts then={lesson.then} measured={lesson.measured} />
          <PlaygroundLink laboratory={laboratory} {...lesson.playground} />
        </>
      )}
    </>
  );
}

function expectationOf({ answers }: Lesson, expected: string | null): string {
  if (expected === null) return 'Nothing: you asked to be shown.';
  return answers.find(({ id }) => id === expected)?.label ?? 'An answer that is no longer here.';
}
