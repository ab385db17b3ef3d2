import { type ReactNode, useEffect, useState } from 'react';
import styles from './Readout.module.css';

/** How long a readout stays the same before it is read out. */
const PAUSE_MS = 400;

interface ReadoutProps {
  readonly id: string;
  /** One sentence: what is under the cursor. */
  readonly text: string;
  /** Shown instead of the text where marks or columns say it better; the text is what is read out. */
  readonly children?: ReactNode;
  /** Lines to keep free, so that nothing below moves. */
  readonly lines?: number;
}

/** What a figure's cursor points at: on screen at once, to a screen reader when the cursor rests. */
export function Readout({ id, text, children, lines = 2 }: ReadoutProps) {
  const [said, setSaid] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSaid(text), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <div className={styles.readout} style={{ minHeight: `${lines * 1.45}em` }}>
      <div aria-hidden="true">{children ?? text}</div>
      <p id={id} className="hidden" aria-live="polite" data-testid="readout">
        {said}
      </p>
    </div>
  );
}
