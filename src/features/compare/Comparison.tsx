import { useEffect, useRef, useState } from 'react';
import type { TextToken } from '../../protocol/engineApi';
import { sameChoice } from '../../state/modelChoice';
import { usePlayground } from '../../state/PlaygroundContext';
import { type DecodedRun, recordOf, type Run } from '../../state/run';
import { sameSettings } from '../../state/settings';
import styles from './Comparison.module.css';
import { FIRST_RUN } from './firstRun';
import { LaneFacts } from './LaneFacts';
import { Provenance } from './Provenance';
import { RecordedLabel } from './RecordedLabel';
import type { RecordedRun } from './recordedRun';
import { TokenStrips } from './TokenStrips';
import { Verdict } from './Verdict';

const AT_WORK = '[data-keeps-view]:is(:focus-within, :hover)';

/**
 * The run on screen: what came of it, what it was made from, and its lanes, token by token. Until there is one, a run that
 * was recorded elsewhere.
 */
export function Comparison() {
  const run = usePlayground((playground) => playground.run);
  const record = recordOf(run);
  const firstRun = useFirstRun();
  const recorded = record !== null || isForAnother(run, firstRun) ? null : firstRun;
  const shown = record ?? recorded?.decoded;
  const prompt = usePromptTokens(
    shown,
    record === null ? recorded?.model.sha256 : record.model.sha256,
  );
  const head = useRef<HTMLElement>(null);
  const runId = record?.runId;

  // On a small screen a run begins below the controls: bring it into view, by no more than is needed. Not while the
  // visitor is at work in a panel whose every change runs.
  useEffect(() => {
    if (runId === undefined || document.querySelector(AT_WORK) !== null) return;
    head.current?.scrollIntoView({ block: 'nearest' });
  }, [runId]);

  return (
    <section
      className={styles.comparison}
      aria-label="Comparison"
      data-run={run.status}
      data-recorded={recorded !== null || undefined}
    >
      <header ref={head} className={styles.head}>
        <Verdict run={run} recorded={recorded?.decoded ?? null} />
        {recorded === null ? <Provenance run={run} /> : <RecordedLabel recorded={recorded} />}
      </header>
      {shown === undefined ? (
        <p className={styles.blank} aria-hidden="true">
          ● ▲
        </p>
      ) : (
        <>
          <TokenStrips key={shown.runId} record={shown} prompt={prompt} growing={isGrowing(run)} />
          <div className={styles.lanes}>
            {shown.lanes.map((lane, i) => (
              <LaneFacts key={i} lane={lane} index={i} />
            ))}
          </div>
        </>
      )}
    </section>
  );
}

/**
 * The prompt's tokens of what is shown. A run that has not started has none; if the one before had the same prompt and
 * model, they are known already, and nothing jumps.
 */
function usePromptTokens(
  shown: DecodedRun | undefined,
  model: string | undefined,
): readonly TextToken[] {
  const own = shown?.prompt ?? [];
  const text = shown?.settings.prompt;
  const [known, setKnown] = useState({ tokens: own, text, model });
  if (own.length === 0) return known.text === text && known.model === model ? known.tokens : own;
  if (known.tokens !== own) setKnown({ tokens: own, text, model });
  return own;
}

/** The recorded run, unless the model that is loaded, or is to be, is another one. */
function useFirstRun(): RecordedRun | null {
  const loaded = usePlayground(({ model }) =>
    model.status === 'ready' ? model.model.sha256 : undefined,
  );
  const isBundled = usePlayground(({ choice, bundled }) => sameChoice(choice, bundled));
  if (!isBundled) return null;
  return loaded === undefined || loaded === FIRST_RUN?.model.sha256 ? FIRST_RUN : null;
}

/** Is a run from a link or a file about to be made here? Then no other run may stand in its place. */
function isForAnother(run: Run, firstRun: RecordedRun | null): boolean {
  return (
    run.status === 'loading' &&
    run.settings.origin.by === 'opening' &&
    firstRun !== null &&
    !sameSettings(run.settings, firstRun.decoded.settings)
  );
}

function isGrowing({ status }: Run): boolean {
  return status === 'running' || status === 'stopping';
}
