import { useId, useRef, useState } from 'react';
import { copyText } from '../../ui/copyText';
import styles from './CodeBlock.module.css';

interface CodeBlockProps {
  /** Names it for those who do not see where it stands. */
  readonly label: string;
  readonly code: string;
}

/** Code that can be read, scrolled and copied. */
export function CodeBlock({ label, code }: CodeBlockProps) {
  const id = useId();
  const text = useRef<HTMLElement>(null);
  const [said, setSaid] = useState('');
  const shown = code.trimEnd();

  const copy = async () => {
    if (await copyText(`${shown}\n`)) {
      setSaid('Copied.');
      return;
    }
    // What a visitor can then copy with the keyboard.
    if (text.current !== null) window.getSelection()?.selectAllChildren(text.current);
    setSaid('The browser does not let this page copy: it is selected, copy it from here.');
  };

  return (
    <div className={styles.block}>
      <pre id={id} role="region" tabIndex={0} aria-label={label}>
        <code ref={text}>{shown}</code>
      </pre>
      <div className={styles.bar}>
        <button
          type="button"
          className={styles.copy}
          aria-label={`Copy: ${label}`}
          onClick={() => void copy()}
        >
          Copy
        </button>
        <output>{said}</output>
      </div>
    </div>
  );
}
