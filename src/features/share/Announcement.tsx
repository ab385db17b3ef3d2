import { Fragment } from 'react';
import { formatFault } from '../../core/faultText';
import type { ReproLane } from '../../repro/repro';
import type { Opened } from '../../state/run';
import { visibleSentence } from '../../ui/visibleText';
import styles from './OpenedRun.module.css';
import { providerText } from './words';

const SHOWN_PROMPT = 140;

/** One sentence: what was opened shows what, and where it was made. All of it is text of strangers. */
export function Announcement({ opened: { repro, from } }: { readonly opened: Opened }) {
  const { prompt, model, lanes, mode, maxNewTokens, expectation } = repro;
  const [, ...others] = lanes;
  return (
    <p className={styles.announcement}>
      {from === 'file' ? 'This run' : 'This link'} shows{' '}
      <bdi className={styles.quoted}>“{shortened(visibleSentence(prompt))}”</bdi> on{' '}
      <bdi>{visibleSentence(model.id)}</bdi>: healthy
      {others.map((lane, i) => (
        <Fragment key={i}>
          {i < others.length - 1 ? ', ' : ' and '}
          <LaneWords lane={lane} />
        </Fragment>
      ))}
      , {maxNewTokens === 1 ? 'one token' : `up to ${maxNewTokens} tokens`}
      {mode === 'teacher-forced' && ', teacher-forced'}
      {expectation === null
        ? '; not run where it was made.'
        : `; made with ${visibleSentence(expectation.appVersion)} on ${providerText(expectation.executionProvider)}.`}
    </p>
  );
}

function LaneWords({ lane: { name, fault, guard } }: { readonly lane: ReproLane }) {
  const own = visibleSentence(name.trim());
  return (
    <>
      {own !== '' && <bdi>“{own}” </bdi>}
      <code>{fault.kind === 'none' ? 'no fault' : formatFault(fault)}</code>
      {guard !== 'none' && (
        <>
          {' '}
          behind <code>{guard}</code>
        </>
      )}
    </>
  );
}

/** By whole characters, as far as these are single code points. */
function shortened(text: string): string {
  const characters = Array.from(text);
  if (characters.length <= SHOWN_PROMPT) return text;
  return `${characters.slice(0, SHOWN_PROMPT).join('')}…`;
}
