import { type StoreApi, useStore } from 'zustand';
import type { Progress } from '../../state/progress';
import { HOW_THEN, PUBLISHED } from './caseFigures';
import { FindingTable } from './FindingTable';
import styles from './Investigation.module.css';
import { LESSONS } from './lessons';

/** What had happened when the investigation began, and where to begin or go on. */
export function CasePage({ progress }: { readonly progress: StoreApi<Progress> }) {
  const seen = useStore(progress, (store) => store.seen);
  const startOver = useStore(progress, (store) => store.startOver);
  const done = LESSONS.filter(({ slug }) => seen[slug] !== undefined).length;
  const next = LESSONS.find(({ slug }) => seen[slug] === undefined) ?? LESSONS[0];
  return (
    <>
      <p className="eyebrow">The case</p>
      <h2>Same files, same prompt, different logits</h2>
      <div className={styles.prose}>
        <p>
          A language model is loaded with a newer version of a library. Nothing raises, nothing
          warns. It still answers “{PUBLISHED.prompt}” with “ Paris”, but the logit is{' '}
          {PUBLISHED.difference} lower, and the text that follows is different.
        </p>
        <p>
          Its engineers needed eight attempts to find out why. Here you make them too: each step
          says what was suspected, asks what you expect, and runs the check on a small model of the
          same architecture on this machine. Then it tells what was concluded at the time, and what
          was measured later with the real libraries. The two do not always agree; both are shown.
        </p>
        <p>
          Nothing is locked: go to any step, skip any question. What you have done is kept in this
          browser only.
        </p>
      </div>
      <FindingTable
        caption={
          <>
            {PUBLISHED.model}, “{PUBLISHED.prompt}”. {HOW_THEN}
          </>
        }
        columns={[
          'transformers',
          `${PUBLISHED.oldest} and ${PUBLISHED.older}`,
          `${PUBLISHED.newer}, unpatched`,
          `${PUBLISHED.newer}, patched`,
        ]}
        rows={[
          [
            'logit of “ Paris”',
            PUBLISHED.healthyLogit,
            PUBLISHED.faultyLogit,
            PUBLISHED.healthyLogit,
          ],
          ['second logit', PUBLISHED.secondLogit, '', PUBLISHED.secondLogit],
          [
            'inv_freq[:4] inside forward',
            PUBLISHED.invFreq,
            PUBLISHED.lostInvFreq,
            PUBLISHED.invFreq,
          ],
          [
            'cos, sin at position 1',
            `${PUBLISHED.cos} …`,
            `${PUBLISHED.lostCos}, ${PUBLISHED.lostSin}`,
            `${PUBLISHED.cos} …`,
          ],
        ]}
      />
      <p className={styles.controls}>
        {next && (
          <a className="button" data-kind="primary" href={`#${next.slug}`}>
            {done === 0 ? 'Begin with step 1' : `Go on with step ${LESSONS.indexOf(next) + 1}`}
          </a>
        )}
        <button
          type="button"
          className="button"
          disabled={Object.keys(seen).length === 0}
          onClick={startOver}
        >
          Start over
        </button>
      </p>
      <p className="note" role="status">
        {done} of {LESSONS.length} steps done.
      </p>
    </>
  );
}
