import { type ReactNode, useState } from 'react';
import { toAppError } from '../../core/errors';
import { figureFileName } from '../../ui/figure/fileName';
import { saveFile } from '../../ui/figure/save';
import { copyText } from '../../ui/copyText';
import { type ByHand, CopyByHand } from './CopyByHand';
import { jsonOf, linkOf, markdownWithLink, type ShownRun } from './shownRun';
import styles from './Share.module.css';

interface PassOnProps {
  /** Null until the run has ended. */
  readonly shown: ShownRun | null;
  readonly children: ReactNode;
}

interface Outcome {
  readonly said: string;
  /** What the browser did not let us copy. */
  readonly byHand?: ByHand;
}

/** The buttons, and what came of the last one. */
export function PassOn({ shown, children }: PassOnProps) {
  const [outcome, setOutcome] = useState<Outcome>({ said: '' });

  /** @param what says what came of it */
  const pass = (what: (shown: ShownRun) => Outcome | Promise<Outcome>) => async () => {
    if (shown === null) return;
    try {
      setOutcome(await what(shown));
    } catch (thrown) {
      const { message, action } = toAppError(thrown);
      setOutcome({ said: `${message} ${action}` });
    }
  };

  const buttons: readonly (readonly [string, () => Promise<void>])[] = [
    ['Copy link', pass((run) => copy('Link', linkOf(run)))],
    ['Copy as Markdown', pass((run) => copy('Markdown', markdownWithLink(run)))],
    ['Download JSON', pass(download)],
    ...(canShare() ? ([['Share…', pass(share)]] as const) : []),
  ];
  return (
    <>
      <div className={styles.buttons}>
        {buttons.map(([label, onClick]) => (
          <button
            key={label}
            type="button"
            className={styles.button}
            disabled={shown === null}
            onClick={() => void onClick()}
          >
            {label}
          </button>
        ))}
        {children}
        <output className={styles.outcome}>{outcome.said}</output>
      </div>
      {outcome.byHand !== undefined && <CopyByHand asked={outcome.byHand} />}
    </>
  );
}

/** Not where the page is rendered beforehand, which no visitor sees in use. */
function canShare(): boolean {
  return typeof navigator !== 'undefined' && 'share' in navigator;
}

async function copy(name: string, text: string): Promise<Outcome> {
  return (await copyText(text))
    ? { said: `${name} copied: ${text.length} characters.` }
    : { said: 'The browser does not let this page copy.', byHand: { name, text } };
}

function download(shown: ShownRun): Outcome {
  const { model, prompt } = shown.run;
  const name = figureFileName(['run', model.id, prompt], 'json');
  saveFile(jsonOf(shown), name);
  return { said: `Saved ${name}` };
}

async function share(shown: ShownRun): Promise<Outcome> {
  const url = linkOf(shown);
  try {
    await navigator.share({ title: 'RoPE Collapse Playground', url });
    return { said: 'Shared.' };
  } catch (thrown) {
    const dismissed = thrown instanceof DOMException && thrown.name === 'AbortError';
    return dismissed
      ? { said: '' }
      : {
          said: 'The browser does not let this page share.',
          byHand: { name: 'Link', text: url },
        };
  }
}
