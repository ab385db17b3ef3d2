import { CodeBlock } from './CodeBlock';
import styles from './PatternCard.module.css';
import { MEASURED, MEMORIES, type Pattern, type Survival, survivalOf } from './patterns';

const VERDICTS: Readonly<Record<Survival, readonly [sign: string, words: string]>> = {
  survives: ['✓', 'Survives'],
  sometimes: ['≈', 'Survives only some memory'],
  lost: ['✗', 'Does not survive'],
};

/** One way to write it: what becomes of it under both libraries, why, and the code that was measured. */
export function PatternCard({ pattern }: { readonly pattern: Pattern }) {
  const { name, title, why, code } = pattern;
  const survival = survivalOf(name);
  const [sign, words] = VERDICTS[survival];
  return (
    <article className={styles.card} data-pattern={name} data-survival={survival}>
      <div className={styles.words}>
        <h3>{title}</h3>
        <p className={styles.verdict}>
          <span aria-hidden="true">{sign}</span> {words}
        </p>
        <p>{why}</p>
        <Counts name={name} />
      </div>
      {code !== undefined && <CodeBlock label={title} code={code} />}
    </article>
  );
}

function Counts({ name }: Pick<Pattern, 'name'>) {
  return (
    <table className={styles.counts}>
      <caption className="hidden">Loads that computed the right cos and sin</caption>
      <thead>
        <tr>
          <th scope="col">Fresh memory</th>
          {MEMORIES.map(([memory, label]) => (
            <th key={memory} scope="col">
              {label}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {Object.values(MEASURED).map(({ transformers, loads, survived }) => (
          <tr key={transformers}>
            <th scope="row">transformers {transformers}</th>
            {MEMORIES.map(([memory]) => (
              <td key={memory}>
                {survived[name][memory]} of {loads}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
