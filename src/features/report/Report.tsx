import { useId } from 'react';
import { MeasuredHere } from './MeasuredHere';
import { PublishedVersions } from './PublishedVersions';
import { ReportFacts } from './ReportFacts';
import styles from './Report.module.css';
import { useFileDrop } from '../../ui/useFileDrop';
import { useOwnReport } from './useOwnReport';

/** What the real library does on the visitor's machine, beside what it did on ours. */
export function Report() {
  const heading = useId();
  const own = useOwnReport();
  const over = useFileDrop(own.open);
  return (
    <section className={styles.report} aria-labelledby={heading} data-drop={over}>
      <h3 id={heading}>Your machine, your versions</h3>
      <p className={styles.lead}>
        The simulation claims what the library does. Ask the library itself, with the version that
        you have: this loads the bundled model by its remote code, and writes a report.
      </p>
      <pre className={styles.command} role="region" tabIndex={0} aria-label="Command">
        <code>python training/reproduce.py --json report.json</code>
      </pre>
      <div className={styles.choose}>
        <label className={styles.file}>
          Open report.json, or drop it anywhere on this page
          <input
            type="file"
            accept=".json,application/json"
            onChange={({ target }) => {
              own.open([...(target.files ?? [])]);
              // The same file may be chosen again.
              target.value = '';
            }}
          />
        </label>
        {own.report !== null && (
          <button type="button" className="button" onClick={own.remove}>
            Remove my report
          </button>
        )}
      </div>
      <div role="alert">
        {own.error !== null && (
          <p className={styles.error} data-code={own.error.code}>
            {own.error.message} {own.error.action}
          </p>
        )}
      </div>
      <p role="status" className={own.said === '' ? 'hidden' : 'note'}>
        {own.said}
      </p>
      <div className={styles.columns}>
        <section aria-label="Your report" className={styles.column}>
          <h4>Your report</h4>
          {own.report === null ? (
            <p className="note">
              None yet. It stays in this browser, and is sent nowhere. Read it before you pass it
              on: uninitialised memory holds whatever the process had there.
            </p>
          ) : (
            <ReportFacts report={own.report} />
          )}
        </section>
        <MeasuredHere />
      </div>
      <PublishedVersions />
    </section>
  );
}
