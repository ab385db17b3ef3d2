import { useEffect, useRef } from 'react';
import { judge, type Judgement } from '../../state/judgement';
import type { Opening } from '../../state/opening';
import { usePlayground } from '../../state/PlaygroundContext';
import { Announcement } from './Announcement';
import { CommandLine } from './CommandLine';
import { ModelAnswers, ModelFacts } from './ModelQuestion';
import styles from './OpenedRun.module.css';
import { wordsOf } from './words';

/** Wraps what a button does that goes with what it was for: the focus stays near. */
type Leaving = (leave: () => void) => () => void;

/** What was opened, from a link or a file, and how what came of it here compares with what it expects. */
export function OpenedRun() {
  const opening = usePlayground((playground) => playground.opening);
  const run = usePlayground((playground) => playground.run);
  const aside = usePlayground((playground) => playground.aside);
  const close = usePlayground((playground) => playground.closeOpening);
  const place = useRef<HTMLElement>(null);
  const judgement = opening?.status === 'run' ? judge(opening.opened, run) : null;
  const shown = opening !== null && isWorthSaying(opening, judgement) ? opening : null;
  const words = shown && wordsOf(shown, judgement);
  const opened = shown === null || shown.status === 'refused' ? null : shown.opened;
  const noted = shown?.status === 'refused' ? shown : opened;

  useEffect(() => {
    if (noted !== null) place.current?.scrollIntoView({ block: 'nearest' });
  }, [noted]);

  const leaving: Leaving = (leave) => () => {
    leave();
    place.current?.focus();
  };

  const isBlank = words === null && aside === null;
  return (
    <section
      ref={place}
      className={styles.opened}
      tabIndex={-1}
      data-blank={isBlank || undefined}
      data-tone={words?.tone}
      data-opening={shown?.status}
      {...(isBlank ? {} : { 'aria-label': words === null ? 'Put aside' : 'Opened run' })}
    >
      {shown !== null && shown.status !== 'question' && (
        <button type="button" className={styles.close} onClick={leaving(close)}>
          Close
        </button>
      )}
      {opened !== null && <Announcement opened={opened} />}
      {/* Always there, so that what appears in it is read out. */}
      <div role="status">
        {words !== null && (
          <>
            <h2 className={styles.title}>
              <span aria-hidden="true">{words.sign}</span>
              {words.title}
            </h2>
            <p className={styles.detail}>{words.detail}</p>
          </>
        )}
      </div>
      {shown?.status === 'question' && <ModelFacts opening={shown} />}
      {shown !== null && <NextStep opening={shown} judgement={judgement} leaving={leaving} />}
      {opened !== null && needsCommand(shown, judgement) && <CommandLine repro={opened.repro} />}
      {aside !== null && <Aside leaving={leaving} />}
    </section>
  );
}

/** Who comes back to a run of their own is told only what they would not expect. */
function isWorthSaying(opening: Opening, judgement: Judgement | null): boolean {
  if (opening.status !== 'run' || opening.opened.from !== 'own') return true;
  return (
    judgement?.status === 'failed' ||
    (judgement?.status === 'judged' &&
      ['parted', 'different-model'].includes(judgement.verdict.kind))
  );
}

function needsCommand(opening: Opening | null, judgement: Judgement | null): boolean {
  if (opening?.status === 'question') return opening.what.kind === 'files';
  return opening?.status === 'impossible' || judgement?.status === 'failed';
}

interface NextStepProps {
  readonly opening: Opening;
  readonly judgement: Judgement | null;
  readonly leaving: Leaving;
}

function NextStep({ opening, judgement, leaving }: NextStepProps) {
  const runAllTheSame = usePlayground((playground) => playground.runAllTheSame);
  const open = usePlayground((playground) => playground.open);
  const close = usePlayground((playground) => playground.closeOpening);
  if (opening.status === 'question') return <ModelAnswers opening={opening} leaving={leaving} />;
  if (opening.status === 'looking') return <Next label="Stop" onClick={leaving(close)} />;
  if (opening.status === 'other-weights') {
    return (
      <button
        type="button"
        className={`button ${styles.next ?? ''}`}
        data-kind="primary"
        onClick={leaving(runAllTheSame)}
      >
        Run it with this model all the same
      </button>
    );
  }
  const label = againLabel(opening, judgement);
  if (label === null || opening.status === 'refused') return null;
  const { repro, from } = opening.opened;
  return <Next label={label} onClick={leaving(() => open(repro, from))} />;
}

/** What to call opening it once more; null where that would change nothing. */
function againLabel(opening: Opening, judgement: Judgement | null): string | null {
  switch (opening.status) {
    case 'past':
      return 'Open it again';
    case 'impossible':
      return opening.opened.repro.model.hub === undefined ? null : 'Try again';
    case 'run':
      return judgement?.status === 'not-run' ? 'Run it' : null;
    case 'question':
    case 'looking':
    case 'other-weights':
    case 'refused':
      return null;
  }
}

function Next({ label, onClick }: { readonly label: string; readonly onClick: () => void }) {
  return (
    <button type="button" className={`button ${styles.next ?? ''}`} onClick={onClick}>
      {label}
    </button>
  );
}

/** The way back to what the visitor had set. */
function Aside({ leaving }: { readonly leaving: Leaving }) {
  const bringBack = usePlayground((playground) => playground.bringBack);
  const drop = usePlayground((playground) => playground.dropAside);
  return (
    <div className={styles.aside}>
      <p>What you had set before was put aside.</p>
      <button type="button" className={styles.small} onClick={leaving(bringBack)}>
        Bring back what was set before
      </button>
      <button type="button" className={styles.small} onClick={leaving(drop)}>
        Not needed
      </button>
    </div>
  );
}
