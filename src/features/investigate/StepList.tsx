import { type StoreApi, useStore } from 'zustand';
import type { Progress } from '../../state/progress';
import styles from './StepList.module.css';

export interface Step {
  readonly slug: string;
  readonly title: string;
  /** What stands in the circle before the title. */
  readonly mark: string;
}

interface StepListProps {
  readonly steps: readonly Step[];
  readonly current: string;
  readonly progress: StoreApi<Progress>;
}

/** The way to every step. On a narrow screen only the circles are seen; the titles are read out all the same. */
export function StepList({ steps, current, progress }: StepListProps) {
  const seen = useStore(progress, (store) => store.seen);
  return (
    <nav aria-label="Steps">
      <ol className={styles.list}>
        {steps.map(({ slug, title, mark }) => {
          const done = seen[slug] !== undefined;
          return (
            <li key={slug}>
              <a href={`#${slug}`} aria-current={slug === current ? 'step' : undefined}>
                <span aria-hidden="true" className={styles.mark} data-done={done}>
                  {done ? '✓' : mark}
                </span>
                <span className={styles.title}>
                  {title}
                  {done && <span className="hidden">, done</span>}
                </span>
              </a>
            </li>
          );
        })}
      </ol>
    </nav>
  );
}
