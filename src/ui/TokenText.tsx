import styles from './TokenText.module.css';
import { visibleParts } from './visibleText';

interface TokenTextProps {
  readonly text: string;
  /** Shown instead of an empty text: half a character, or a special token. */
  readonly label: string;
}

/** A token's text with its white space, and all else that would not show, made visible. */
export function TokenText({ text, label }: TokenTextProps) {
  if (text === '') return <span className={styles.label}>{label}</span>;
  return visibleParts(text).map((part, i) =>
    part.standsFor ? (
      <span key={i} className={styles.space}>
        {part.text}
      </span>
    ) : (
      part.text
    ),
  );
}
