import type { Lesson } from './lesson';
import styles from './Investigation.module.css';

const AGREEMENT: Readonly<Record<Lesson['measured']['agreement'], string>> = {
  agrees: 'Measured since: it agrees',
  adds: 'Measured since: there is more to it',
  contradicts: 'Measured since: it contradicts',
};

/** The verdict of then beside that of the later measurements, each with how it was obtained. */
export function Accounts({ then, measured }: Pick<Lesson, 'then' | 'measured'>) {
  return (
    <div className={styles.accounts}>
      <section className={styles.account}>
        <h3>The verdict then</h3>
        {then.verdict}
        <p className="note">{then.how}</p>
      </section>
      <section className={styles.account} data-agreement={measured.agreement}>
        <h3>{AGREEMENT[measured.agreement]}</h3>
        {measured.verdict}
        <p className="note">{measured.how}</p>
      </section>
    </div>
  );
}
