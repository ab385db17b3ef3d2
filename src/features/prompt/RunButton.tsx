import { usePlayground } from '../../state/PlaygroundContext';
import styles from './PromptPanel.module.css';

/** Run, or Stop while there is something to stop. One button, so that keyboard focus stays on it. */
export function RunButton() {
  const status = usePlayground(({ run }) => run.status);
  const start = usePlayground((playground) => playground.start);
  const stop = usePlayground((playground) => playground.stop);
  switch (status) {
    case 'loading':
    case 'running':
      return (
        <button type="button" className={`button ${styles.run ?? ''}`} onClick={stop}>
          <span aria-hidden="true">◼ </span>Stop
        </button>
      );
    case 'stopping':
      return (
        <button type="button" className={`button ${styles.run ?? ''}`} aria-disabled="true">
          Stopping…
        </button>
      );
    case 'idle':
    case 'done':
    case 'failed':
      return (
        <button
          type="button"
          className={`button ${styles.run ?? ''}`}
          data-kind="primary"
          title="Ctrl + Enter, ⌘ + Enter"
          onClick={start}
        >
          <span aria-hidden="true">▶ </span>Run
        </button>
      );
  }
}
