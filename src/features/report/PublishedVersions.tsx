import { PUBLISHED_VERSIONS } from './published';
import styles from './Report.module.css';

/** Kept apart from what was measured here. */
export function PublishedVersions() {
  return (
    <section className={styles.published} aria-labelledby="published-versions">
      <h4 id="published-versions">Published, not measured here</h4>
      <div className={styles.scroll} role="region" aria-label="Published versions" tabIndex={0}>
        <table>
          <caption>
            The published case: open-sci-ref 1.7b, “The capital of France is”. Another model, and
            for 5.x another version than ours.
          </caption>
          <thead>
            <tr>
              <th scope="col">transformers</th>
              <th scope="col">Logit of “ Paris”</th>
              <th scope="col">Second logit</th>
              <th scope="col">inv_freq[:4] in forward</th>
            </tr>
          </thead>
          <tbody>
            {PUBLISHED_VERSIONS.map(({ version, paris, second, invFreq }) => (
              <tr key={version}>
                <th scope="row">{version}</th>
                <td>{paris}</td>
                <td>{second ?? 'not published'}</td>
                <td>{invFreq}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
