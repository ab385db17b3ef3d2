import { useEffect, useState } from 'react';
import { type Result, settle } from '../../core/errors';
import { MEASURED_REPORTS, measuredReport } from './measuredReports';
import { ReportFacts } from './ReportFacts';
import type { Report } from './reportSchema';
import styles from './Report.module.css';

const FIRST = 'transformers-5.18.0';

/** One of the committed reports, of the visitor's choice. */
export function MeasuredHere() {
  const [chosen, setChosen] = useState(FIRST);
  const [tries, setTries] = useState(0);
  const [read, setRead] = useState<{ name: string; result: Result<Report> } | null>(null);

  useEffect(() => {
    let stale = false;
    void settle(() => measuredReport(chosen)).then((result) => {
      if (!stale) setRead({ name: chosen, result });
    });
    return () => {
      stale = true;
    };
  }, [chosen, tries]);

  return (
    <section
      aria-label="Measured by this project"
      className={styles.column}
      data-shown={read?.name}
    >
      <h4>Measured by this project</h4>
      <label className={styles.select}>
        Report
        <select value={chosen} onChange={({ target }) => setChosen(target.value)}>
          {MEASURED_REPORTS.map(([name, label]) => (
            <option key={name} value={name}>
              {label}
            </option>
          ))}
        </select>
      </label>
      {read === null ? (
        <p className="note">One moment…</p>
      ) : read.result.ok ? (
        <ReportFacts key={read.name} report={read.result.value} />
      ) : (
        <p role="alert" className={styles.error}>
          {read.result.error.message}{' '}
          <button type="button" className="button" onClick={() => setTries(tries + 1)}>
            Try again
          </button>
        </p>
      )}
    </section>
  );
}
