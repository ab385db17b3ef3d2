import { useLayoutEffect, useRef } from 'react';
import type { TextToken } from '../../protocol/engineApi';
import { TokenText } from '../../ui/TokenText';
import styles from './PromptTokens.module.css';

/** The prompt as the model reads it: the same tokens for every lane, each over its id. */
export function PromptTokens({ tokens }: { readonly tokens: readonly TextToken[] }) {
  const list = useRef<HTMLOListElement>(null);

  // A long prompt scrolls, and what scrolls must be in reach of the keyboard; what does not is no tab stop.
  useLayoutEffect(() => {
    const element = list.current;
    if (element === null) return;
    if (element.scrollHeight > element.clientHeight) element.tabIndex = 0;
    else element.removeAttribute('tabindex');
  }, [tokens]);

  return (
    <div className={styles.prompt}>
      <h3 className="eyebrow">Prompt, {tokens.length} tokens</h3>
      <ol ref={list} className={styles.tokens} aria-label="Tokens of the prompt">
        {tokens.map((token, i) => (
          <li key={i}>
            <span className={styles.text}>
              <TokenText text={token.text} label={token.label} />
            </span>
            <span className={styles.id}>{token.id}</span>
          </li>
        ))}
      </ol>
    </div>
  );
}
