import { OWN_MODEL_ID } from './OwnModel';
import styles from './OwnModel.module.css';

interface OwnModelButtonProps {
  readonly open: boolean;
  readonly onToggle: () => void;
}

/** Opens and closes the panel. */
export function OwnModelButton({ open, onToggle }: OwnModelButtonProps) {
  return (
    <button
      type="button"
      className={styles.action}
      aria-expanded={open}
      aria-controls={open ? OWN_MODEL_ID : undefined}
      onClick={onToggle}
    >
      Bring your own model
    </button>
  );
}
