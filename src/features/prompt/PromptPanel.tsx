import { type KeyboardEvent, useId } from 'react';
import { usePlayground } from '../../state/PlaygroundContext';
import { promptErrorOf } from '../../state/run';
import { FEWEST_NEW_TOKENS, MOST_NEW_TOKENS } from '../../state/settings';
import { EXAMPLES } from './examples';
import styles from './PromptPanel.module.css';
import { RunButton } from './RunButton';

export function PromptPanel() {
  const id = useId();
  const prompt = usePlayground(({ settings }) => settings.prompt);
  const maxNewTokens = usePlayground(({ settings }) => settings.maxNewTokens);
  const setPrompt = usePlayground((playground) => playground.setPrompt);
  const setMaxNewTokens = usePlayground((playground) => playground.setMaxNewTokens);
  const start = usePlayground((playground) => playground.start);
  const error = usePlayground(({ run }) => promptErrorOf(run));

  const runOnCtrlEnter = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    start();
  };

  return (
    <section className={styles.panel} aria-label="What to run">
      <h2 className="eyebrow">
        <label htmlFor={`${id}-prompt`}>Prompt</label>
      </h2>
      <textarea
        id={`${id}-prompt`}
        className={styles.prompt}
        rows={1}
        spellCheck={false}
        value={prompt}
        aria-invalid={error !== null}
        aria-describedby={`${id}-error`}
        onChange={(event) => setPrompt(event.target.value)}
        onKeyDown={runOnCtrlEnter}
      />
      <p id={`${id}-error`} className={styles.error} role="alert">
        {error !== null && `${error.message} ${error.action}`}
      </p>
      <div className={styles.examples} role="group" aria-label="Examples">
        {EXAMPLES.map((example) => (
          <button
            key={example}
            type="button"
            className={styles.example}
            aria-pressed={example === prompt}
            onClick={() => setPrompt(example)}
          >
            {example}
          </button>
        ))}
      </div>
      <div className={styles.bar}>
        <RunButton />
        <label className={styles.length}>
          <span>Up to {maxNewTokens} new tokens</span>
          <input
            type="range"
            aria-label="Most new tokens"
            min={FEWEST_NEW_TOKENS}
            max={MOST_NEW_TOKENS}
            value={maxNewTokens}
            onChange={(event) => setMaxNewTokens(event.target.valueAsNumber)}
          />
        </label>
      </div>
    </section>
  );
}
