import { providerName } from './providerName';
import styles from './RecordedLabel.module.css';
import type { RecordedRun } from './recordedRun';

const DATE = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' });

/** Says that what stands below did not run here, and how to make it run. In the place of a live run’s provenance. */
export function RecordedLabel({ recorded }: { readonly recorded: RecordedRun }) {
  const { recordedAt, appVersion, executionProvider, model, link } = recorded;
  return (
    <p className={styles.label} data-testid="recorded">
      <strong className={styles.badge}>Recorded</strong> on {DATE.format(recordedAt)} with version{' '}
      {appVersion}, {model.id} <code>{model.sha256.slice(0, 8)}</code>,{' '}
      {providerName(executionProvider)}: <strong>not run on this machine</strong>.{' '}
      <a href={link}>Open its link</a> to verify it here. Recorded by <code>npm run record</code>.
    </p>
  );
}
