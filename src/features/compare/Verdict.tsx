import type { CSSProperties } from 'react';
import { usePlayground } from '../../state/PlaygroundContext';
import { type DecodedRun, recordOf, type Run } from '../../state/run';
import { LaneMark } from '../../ui/lane';
import styles from './Verdict.module.css';
import { type VerdictText, verdictOf } from './verdict';

interface VerdictProps {
  readonly run: Run;
  /** What is shown while there is no run of the visitor’s own. */
  readonly recorded: DecodedRun | null;
}

/** One sentence, read out when it changes: what the run is doing, then what came of it. */
export function Verdict({ run, recorded }: VerdictProps) {
  const set = usePlayground(({ settings }) => settings.lanes.length + 1);
  const lanes = (recordOf(run) ?? recorded)?.lanes.length ?? set;
  const words = run.status === 'idle' && recorded ? verdictOf(recorded) : wordsFor(run, lanes);
  const { headline, detail, lines = [], lesson } = words;
  // Room for what will be said at the end, so that nothing below moves then.
  const room = { '--lines': Math.max(2, lanes - 1) } as CSSProperties;
  return (
    <div role="status" className={styles.verdict}>
      <h2 className={styles.headline}>{headline}</h2>
      <div className={styles.detail} style={room}>
        {lines.map(({ lane, text }) => (
          <p key={lane} className={styles.line}>
            <LaneMark lane={lane} />
            <span>{text}</span>
          </p>
        ))}
        {detail !== undefined && <p>{detail}</p>}
        {lesson !== undefined && <p className={styles.lesson}>{lesson}</p>}
      </div>
    </div>
  );
}

function wordsFor(run: Run, lanes: number): VerdictText {
  switch (run.status) {
    case 'idle':
      return lanes === 2
        ? {
            headline: 'One prompt, two lanes.',
            detail:
              'Press Run: the same model continues the prompt twice, once as trained and once with its rotary frequencies lost.',
          }
        : {
            headline: `One prompt, ${lanes} lanes.`,
            detail:
              'Press Run: the same model continues the prompt once as trained, and once for each way to damage or mend its rotation.',
          };
    case 'loading':
      return {
        headline: 'Waiting for the model…',
        detail: 'The run starts as soon as the model is warm.',
      };
    case 'running':
      return {
        headline: lanes === 2 ? 'Decoding both lanes…' : `Decoding ${lanes} lanes…`,
        detail:
          run.record.settings.mode === 'free'
            ? 'One batch: each lane takes its first choice, step by step.'
            : 'One batch: every lane reads the healthy text and is asked for its own choice, step by step.',
      };
    case 'stopping':
      return { headline: 'Stopping…', detail: 'Before the next step.' };
    case 'failed':
      return {
        headline: 'There is no new run.',
        detail:
          recordOf(run) === null
            ? run.error.action
            : 'Below is as much as there is of the last one.',
      };
    case 'done': {
      const words = verdictOf(run.record);
      const cancelled = run.record.lanes.some(({ stopped }) => stopped === 'cancelled');
      return cancelled ? { ...words, headline: `Stopped. ${words.headline}` } : words;
    }
  }
}
