import styles from './Repairs.module.css';

const MEANINGS: Readonly<Record<string, string>> = { '+': 'added', '-': 'removed' };

/** Lines of code after their signs. What comes and what goes is told by the sign; colour only helps. */
export function Diff({
  label,
  lines,
}: {
  readonly label: string;
  readonly lines: readonly string[];
}) {
  return (
    <pre className={styles.diff} role="region" tabIndex={0} aria-label={label}>
      <code>
        {lines.map((line, i) => {
          const sign = line.charAt(0);
          return (
            <span key={i} className={styles.line} data-sign={MEANINGS[sign]}>
              {line}
              {'\n'}
            </span>
          );
        })}
      </code>
    </pre>
  );
}
