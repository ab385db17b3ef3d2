import { useEffect, useRef, useState } from 'react';
import type { StoreApi } from 'zustand';
import { CasePage } from '../features/investigate/CasePage';
import { createExperiments } from '../features/investigate/experiments';
import { LessonPage } from '../features/investigate/LessonPage';
import { LESSONS } from '../features/investigate/lessons';
import type { Finding } from '../features/investigate/lesson';
import type { RepairNumbers } from '../features/investigate/repairs/measureRepairs';
import { REPAIRS_SLUG, RepairsPage } from '../features/investigate/repairs/RepairsPage';
import { StepList } from '../features/investigate/StepList';
import type { Laboratory } from '../state/laboratory';
import type { Progress } from '../state/progress';
import styles from './LearnPage.module.css';
import { LearnLifecycle } from './LearnLifecycle';
import { LIFECYCLE_SLUG, placeOf, STEPS } from './learnSteps';
import { Shell } from './Shell';
import { useFragment } from './useFragment';

interface LearnPageProps {
  readonly laboratory: Laboratory;
  readonly progress: StoreApi<Progress>;
}

/** The investigation and the lifecycle, one step on screen at a time; the address's fragment says which. */
export function LearnPage({ laboratory, progress }: LearnPageProps) {
  const { step, anchor, unknown } = placeOf(useFragment());
  const article = useRef<HTMLElement>(null);
  const left = useRef<string | null>(null);
  const [findings] = useState(() => createExperiments<Finding>(laboratory));
  const [repairs] = useState(() => createExperiments<RepairNumbers>(laboratory));
  const at = STEPS.indexOf(step);
  const place = anchor ?? step.slug;

  useEffect(() => {
    document.title = `${step.title} · Learn · RoPE Collapse Playground`;
  }, [step]);
  useEffect(() => {
    // Whoever opens the page starts at its top, unless the link is to a part of a step.
    const moved = left.current === null ? anchor !== null : left.current !== place;
    left.current = place;
    if (!moved) return;
    const part = anchor === null ? 'h2' : `#${anchor} h3`;
    const heading = article.current?.querySelector<HTMLElement>(part);
    if (!heading) return;
    heading.tabIndex = -1;
    heading.focus();
  }, [anchor, place]);

  const lesson = LESSONS.find(({ slug }) => slug === step.slug);
  return (
    <Shell
      page="learn"
      title="Learn by finding it"
      lead="A language model answered differently after an upgrade. Take the eight steps of its investigation on a live model, then see how loading lost the one buffer that mattered."
    >
      <div className={styles.learn}>
        <StepList steps={STEPS} current={step.slug} progress={progress} />
        <article key={step.slug} ref={article} className={styles.article}>
          {unknown && (
            <p role="alert">This page has no step of that name. This is where it begins.</p>
          )}
          {lesson !== undefined ? (
            <LessonPage
              lesson={lesson}
              laboratory={laboratory}
              experiments={findings}
              progress={progress}
            />
          ) : step.slug === REPAIRS_SLUG ? (
            <RepairsPage laboratory={laboratory} experiments={repairs} progress={progress} />
          ) : step.slug === LIFECYCLE_SLUG ? (
            <LearnLifecycle laboratory={laboratory} />
          ) : (
            <CasePage progress={progress} />
          )}
          <Neighbours at={at} />
        </article>
      </div>
    </Shell>
  );
}

function Neighbours({ at }: { readonly at: number }) {
  const [before, after] = [STEPS[at - 1], STEPS[at + 1]];
  return (
    <nav aria-label="Previous and next step" className={styles.neighbours}>
      {before && (
        <a href={`#${before.slug}`} rel="prev">
          <span className="note">Previous</span> {before.title}
        </a>
      )}
      {after && (
        <a href={`#${after.slug}`} rel="next" className={styles.next}>
          <span className="note">Next</span> {after.title}
        </a>
      )}
    </nav>
  );
}
