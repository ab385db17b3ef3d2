import { useEffect, useRef } from 'react';
import type { Notice as NoticeOf } from '../../state/history';
import { useHistory } from '../../state/HistoryContext';
import styles from './Notice.module.css';

/** Why runs are not kept, and what came of the last file. Nothing that is on screen depends on either. */
export function Notice() {
  const trouble = useHistory((history) => history.trouble);
  const notice = useHistory((history) => history.notice);
  const dismiss = useHistory((history) => history.dismiss);
  const shown = useRef<HTMLDivElement>(null);

  useEffect(() => {
    if (notice !== null) shown.current?.scrollIntoView({ block: 'nearest' });
  }, [notice]);

  return (
    <>
      <div role="status">
        {trouble !== null && (
          <div className={styles.notice} data-kind="trouble" data-code={trouble.code}>
            <p>
              <strong>New runs are not kept.</strong> {trouble.message} {trouble.action}
            </p>
            <p>What is on screen stays, and the list below lasts until this page is left.</p>
          </div>
        )}
      </div>
      <div role="alert" ref={shown}>
        {notice !== null && (
          <div
            className={styles.notice}
            data-kind={notice.of}
            data-code={notice.of === 'failure' ? notice.error.code : undefined}
          >
            <p>{noticeText(notice)}</p>
            <button type="button" className={styles.close} onClick={dismiss}>
              Close
            </button>
          </div>
        )}
      </div>
    </>
  );
}

function noticeText(notice: NoticeOf): string {
  if (notice.of === 'failure') return `${notice.error.message} ${notice.error.action}`;
  const { added, left, unreadable } = notice;
  return [
    `${runs(added)} added to your runs.`,
    left > 0 && `${runs(left)} left out: the history is full of newer ones.`,
    unreadable > 0 && `${runs(unreadable)} left out: nobody can read them.`,
  ]
    .filter((part) => part !== false)
    .join(' ');
}

function runs(count: number): string {
  return count === 1 ? 'One run' : `${count} runs`;
}
