import { useRef, useState } from 'react';
import { linkTo } from '../../repro/link';
import type { Repro } from '../../repro/repro';
import { copyText } from '../../ui/copyText';
import { commandOf } from './command';
import styles from './OpenedRun.module.css';

/** How to run it where there is a model for it. */
export function CommandLine({ repro }: { readonly repro: Repro }) {
  const [said, setSaid] = useState('');
  const text = useRef<HTMLElement>(null);
  const link = linkOf(repro);
  const command = commandOf(link, repro.model);

  const copy = async () => {
    const copied = await copyText(command);
    if (!copied && text.current !== null) window.getSelection()?.selectAllChildren(text.current);
    setSaid(
      copied ? 'Copied.' : 'The browser does not let this page copy: it is selected, copy it.',
    );
  };

  return (
    <div className={styles.command}>
      <p>The command line can run it, from a copy of this project{placesText(repro, link)}:</p>
      <pre tabIndex={0} aria-label="Command">
        <code ref={text}>{command}</code>
      </pre>
      <button type="button" className={styles.small} onClick={() => void copy()}>
        Copy command
      </button>{' '}
      <output>{said}</output>
    </div>
  );
}

/** Null for a run that only a file can carry. */
function linkOf(repro: Repro): string | null {
  try {
    return linkTo(window.location.href, repro);
  } catch {
    return null;
  }
}

/** What is to be put in the place of what. */
function placesText({ model }: Repro, link: string | null): string {
  const places = [
    ...(model.hub === undefined ? ['the model’s Hugging Face directory in the place of DIR'] : []),
    ...(link === null ? ['the file in the place of FILE'] : []),
  ];
  return places.length === 0 ? '' : `, with ${places.join(', and ')}`;
}
