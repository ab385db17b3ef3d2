import { CodeBlock } from './CodeBlock';
import styles from './FieldGuide.module.css';
import { InstanceTable } from './InstanceTable';
import { PatternCard } from './PatternCard';
import { ASSERTIONS, MEASURED, PATTERNS } from './patterns';
import { seeItHappen } from './seeItHappen';
import { Shape } from './Shape';

/** Known instances, what they share, which ways of writing it survive, and how to test for it. Needs no model. */
export function FieldGuide() {
  const { older, newer } = MEASURED;
  return (
    <div className={styles.guide}>
      <nav aria-label="On this page">
        <ul className={styles.contents}>
          <li>
            <a href="#shape">The shape</a>
          </li>
          <li>
            <a href="#checklist">Checklist</a>
          </li>
          <li>
            <a href="#test">Test for it</a>
          </li>
          <li>
            <a href="#instances">Known instances</a>
          </li>
        </ul>
      </nav>
      <section aria-labelledby="shape" className={styles.section}>
        <h2 id="shape">The shape that they share</h2>
        <Shape />
        <p>
          <a href={seeItHappen()}>See it happen in the playground</a>: exact zeros and leftovers,
          behind a guard that asks for zeros and one that does not ask.
        </p>
      </section>
      <section aria-labelledby="checklist" className={styles.section}>
        <h2 id="checklist">Checklist for authors of model code</h2>
        <p className={styles.how}>
          Each was run as it stands here by <code>training/patterns.py</code>: a tiny model around
          it is saved and loaded by <code>from_pretrained</code>, and survives if its cos and sin
          are right to the bit. {newer.loads} loads for each kind of fresh memory, under
          transformers {older.transformers} and {newer.transformers} with torch {newer.torch}.{' '}
          <code>inverse_frequencies</code> is the formula, θ^(−2i / head_dim).
        </p>
        {PATTERNS.map((pattern) => (
          <PatternCard key={pattern.name} pattern={pattern} />
        ))}
      </section>
      <section aria-labelledby="test" className={styles.section}>
        <h2 id="test">Test for it in one assertion</h2>
        <p className={styles.how}>
          Under transformers {newer.transformers} both pass on what survives and fail on what does
          not; the project’s own tests hold them to it. They need no download and no graphics card.
          A round trip cannot see an older checkpoint that lacks a buffer: for that, load the older
          checkpoint. Freed memory can hold the right values by chance;{' '}
          <code>torch.use_deterministic_algorithms(True)</code> fills fresh memory with NaN.
        </p>
        {ASSERTIONS.map(({ title, why, code }) => (
          <article key={title} className={styles.assertion}>
            <h3>{title}</h3>
            <p className={styles.how}>{why}</p>
            <CodeBlock label={title} code={code} />
          </article>
        ))}
      </section>
      <section aria-labelledby="instances" className={styles.section}>
        <h2 id="instances">Known instances</h2>
        <p className={styles.how}>
          Public threads, in our words: what they report, and no more. A thread may have moved on
          since it was read.
        </p>
        <InstanceTable />
      </section>
    </div>
  );
}
