import { type ReactNode, useEffect, useRef } from 'react';
import type { AppError, ErrorCode } from '../../core/errors';
import { sameChoice } from '../../state/modelChoice';
import { usePlayground } from '../../state/PlaygroundContext';
import { promptErrorOf } from '../../state/run';
import { visibleSentence } from '../../ui/visibleText';
import styles from './ProblemPanel.module.css';

const ABOUT_THE_GPU: ReadonlySet<ErrorCode> = new Set(['device-lost', 'session-failed']);

/** What went wrong, what to do, and the button that does it. */
export function ProblemPanel() {
  const model = usePlayground((playground) => playground.model);
  const run = usePlayground((playground) => playground.run);
  const load = usePlayground((playground) => playground.load);
  const start = usePlayground((playground) => playground.start);
  const provider = usePlayground(({ settings }) => settings.executionProvider);
  const choice = usePlayground((playground) => playground.choice);
  const back = usePlayground(({ former, bundled }) => former ?? bundled);
  const goBack = usePlayground((playground) => playground.goBack);
  const chooseProvider = usePlayground((playground) => playground.setExecutionProvider);

  if (model.status === 'failed') {
    const { error } = model;
    return (
      <Problem title="The model is not loaded" error={error}>
        {run.status === 'failed' && run.error === error ? (
          <button type="button" className="button" data-kind="primary" onClick={start}>
            Load again and run
          </button>
        ) : (
          <button type="button" className="button" data-kind="primary" onClick={() => void load()}>
            Load again
          </button>
        )}
        {provider !== 'wasm' && ABOUT_THE_GPU.has(error.code) && (
          <button type="button" className="button" onClick={() => chooseProvider('wasm')}>
            Load on WASM
          </button>
        )}
        {!sameChoice(choice, back) && (
          <button type="button" className="button" onClick={() => void goBack()}>
            Back to {visibleSentence(back.id)}
          </button>
        )}
      </Problem>
    );
  }
  if (run.status === 'failed' && promptErrorOf(run) === null) {
    return (
      <Problem title="The run failed" error={run.error}>
        <button type="button" className="button" data-kind="primary" onClick={start}>
          Run again
        </button>
      </Problem>
    );
  }
  return null;
}

function Problem({
  title,
  error,
  children,
}: {
  readonly title: string;
  readonly error: AppError;
  readonly children: ReactNode;
}) {
  const panel = useRef<HTMLElement>(null);
  // In braces: some browsers answer with a promise, which React would take for a clean-up.
  useEffect(() => {
    panel.current?.scrollIntoView({ block: 'nearest' });
  }, [error]);
  return (
    <section ref={panel} className={styles.problem} role="alert" data-code={error.code}>
      <h2 className={styles.title}>{title}</h2>
      <p>{error.message}</p>
      <p>{error.action}</p>
      <div className={styles.buttons}>{children}</div>
    </section>
  );
}
