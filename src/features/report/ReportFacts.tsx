import { useId, useState } from 'react';
import { loadFacts, machineFacts, REMEDY_NAMES, remedyFacts } from './reportFacts';
import type { Report } from './reportSchema';
import styles from './Report.module.css';

/** What one report says: the machine, what came of each remedy, and every load. */
export function ReportFacts({ report }: { readonly report: Report }) {
  return (
    <>
      <dl className={styles.machine}>
        {machineFacts(report).map(([name, text]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
      <RemedyTable report={report} />
      <Loads report={report} />
    </>
  );
}

function RemedyTable({ report }: { readonly report: Report }) {
  const caption = useId();
  return (
    <div className={styles.scroll} role="region" aria-labelledby={caption} tabIndex={0}>
      <table data-testid="remedies">
        <caption id={caption}>{report.options.loads} loads per remedy: what inv_freq held</caption>
        <thead>
          <tr>
            <th scope="col">Remedy</th>
            <th scope="col">After loading</th>
            <th scope="col">In forward</th>
            <th scope="col">Guard fired</th>
            <th scope="col">Ids as</th>
          </tr>
        </thead>
        <tbody>
          {remedyFacts(report).map(({ remedy, afterLoading, inForward, fired, ids }) => (
            <tr key={remedy} data-remedy={remedy}>
              <th scope="row">{REMEDY_NAMES[remedy]}</th>
              <td>{afterLoading}</td>
              <td>{inForward}</td>
              <td>{fired ?? '–'}</td>
              <td>{ids}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Loads({ report }: { readonly report: Report }) {
  const caption = useId();
  const [open, setOpen] = useState(false);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>All {report.loads.length} loads</summary>
      {open && (
        <div className={styles.scroll} role="region" aria-labelledby={caption} tabIndex={0}>
          <table data-testid="loads">
            <caption id={caption}>
              Each load: inv_freq after loading, then ids and logits against the healthy golden ones
            </caption>
            <thead>
              <tr>
                <th scope="col">Load</th>
                <th scope="col">After loading</th>
                <th scope="col">First four</th>
                <th scope="col">Entries</th>
                <th scope="col">Guard fired</th>
                <th scope="col">In forward</th>
                <th scope="col">Ids</th>
                <th scope="col">Largest logit difference</th>
                <th scope="col">Verdict</th>
              </tr>
            </thead>
            <tbody>
              {report.loads.map(loadFacts).map((facts) => (
                <tr key={facts.name}>
                  <th scope="row">{facts.name}</th>
                  <td>{facts.state}</td>
                  <td>{facts.firstFour}</td>
                  <td>{facts.counts}</td>
                  <td>{facts.fired}</td>
                  <td>{facts.inForward}</td>
                  <td>{facts.ids}</td>
                  <td>{facts.logits}</td>
                  <td className={styles.verdict}>{facts.verdict}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </details>
  );
}
