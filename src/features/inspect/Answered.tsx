import type { ReactNode } from 'react';
import type { Inspected } from '../../state/inspection';
import styles from './Answered.module.css';

interface AnsweredProps<T> {
  readonly answer: Inspected<T>;
  /** What is being waited for, in words. */
  readonly waiting: string;
  /** Draws an answer, which says itself what it is about: while the next is on its way, the last one stays. */
  readonly children: (value: T) => ReactNode;
}

/** An answer of the engine, or why there is none. */
export function Answered<T>({ answer, waiting, children }: AnsweredProps<T>) {
  switch (answer.status) {
    case 'ready':
      return <div>{children(answer.value)}</div>;
    case 'waiting':
      // The same element as an answer has, so that a figure keeps its cursor and its focus.
      return answer.last === null ? (
        <p className={styles.blank} role="status">
          {waiting}
        </p>
      ) : (
        <div aria-busy="true">{children(answer.last)}</div>
      );
    case 'failed':
      return (
        <div className={styles.failed} role="alert">
          <p>
            {answer.error.message} {answer.error.action}
          </p>
          <button type="button" className="button" onClick={answer.retry}>
            Ask again
          </button>
        </div>
      );
  }
}
