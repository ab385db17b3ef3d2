import { type ReactNode, useId, useRef, useState } from 'react';
import type { NumbersTable } from './csv';
import styles from './Figure.module.css';
import { Numbers } from './Numbers';
import { type NumbersFile, type Picture, type Saveable, saveFigure } from './saveFigure';

interface FigureProps {
  readonly title: string;
  /** What is drawn, and what to look for. */
  readonly explanation: readonly [first: string, second: string];
  /** What the numbers are from, for the names of files: the model, the prompt. */
  readonly source: readonly string[];
  /** Every number of the drawing; the page shows the first, the CSV has all. */
  readonly numbers: NumbersTable;
  /** What the CSV has instead, where there is more than the drawing shows at a time. */
  readonly csv?: NumbersFile | null;
  readonly picture: Picture;
  /** Controls of the drawing, above it. */
  readonly controls?: ReactNode;
  readonly children: ReactNode;
}

/**
 * The frame of every figure: a title, two sentences, the drawing, its numbers as a table, and buttons that save the
 * drawing and the numbers.
 */
export function Figure(props: FigureProps) {
  const { title, explanation, source, numbers, csv, picture, controls, children } = props;
  const id = useId();
  const drawing = useRef<HTMLDivElement>(null);
  const [outcome, setOutcome] = useState('');

  const save = async (what: Saveable) => {
    if (drawing.current === null) return;
    try {
      const name = await saveFigure(what, {
        drawing: drawing.current,
        title,
        source,
        csv: csv ?? { numbers, source },
        picture,
      });
      setOutcome(`Saved ${name}`);
    } catch (error) {
      setOutcome(`Not saved: ${error instanceof Error ? error.message : String(error)}`);
    }
  };

  const formats: readonly Saveable[] =
    picture.kind === 'chart' ? ['PNG', 'SVG', 'CSV'] : ['PNG', 'CSV'];
  return (
    <figure className={styles.figure} aria-labelledby={id}>
      <figcaption className={styles.caption}>
        <h3 id={id}>{title}</h3>
        <p>{explanation.join(' ')}</p>
      </figcaption>
      {controls !== undefined && <div className={styles.controls}>{controls}</div>}
      <div ref={drawing}>{children}</div>
      <div className={styles.foot}>
        <Numbers table={numbers} />
        <div className={styles.save}>
          <output className={styles.outcome}>{outcome}</output>
          {formats.map((format) => (
            <button
              key={format}
              type="button"
              className={styles.button}
              onClick={() => void save(format)}
            >
              Save {format}
              <span className="hidden"> of {title}</span>
            </button>
          ))}
        </div>
      </div>
    </figure>
  );
}
