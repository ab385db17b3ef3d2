import styles from './TokenText.module.css';

const VISIBLE: ReadonlyMap<string, string> = new Map([
  [' ', '·'],
  ['\n', '↵'],
  ['\t', '⇥'],
]);

interface TokenTextProps {
  readonly text: string;
  /** Shown instead of an empty text: half a character, or a special token. */
  readonly label: string;
}

/** A token's text with its white space made visible. */
export function TokenText({ text, label }: TokenTextProps) {
  if (text === '') return <span className={styles.label}>{label}</span>;
  return text.split(/([ \n\t])/).map((part, i) => {
    const visible = VISIBLE.get(part);
    return visible === undefined ? (
      part
    ) : (
      <span key={i} className={styles.space}>
        {visible}
      </span>
    );
  });
}
