import styles from './LoadingLine.module.css';
import { byteCount } from './numbers';

interface LoadingLineProps {
  /** What is being loaded, if that has to be said. */
  readonly name?: string | null;
  /** What is being done. */
  readonly phase: string;
  readonly loadedBytes: number;
  /** 0 while it is not known. */
  readonly totalBytes: number;
  /** Do the bytes say how far it is? */
  readonly measured: boolean;
}

/** How far a load has come. */
export function LoadingLine(props: LoadingLineProps) {
  const { name = null, phase, loadedBytes, totalBytes, measured } = props;
  return (
    <>
      <p>
        {name !== null && <strong>{name} · </strong>}
        <span>{phase}</span>
        {totalBytes > 0 && (
          <span className={styles.bytes}>
            {' '}
            · {byteCount(loadedBytes)} of {byteCount(totalBytes)}
          </span>
        )}
      </p>
      <progress
        className={styles.progress}
        aria-label={phase}
        {...(measured && totalBytes > 0 ? { value: loadedBytes, max: totalBytes } : {})}
      />
    </>
  );
}
