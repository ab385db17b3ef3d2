import { type ReactNode, useId } from 'react';
import { threeDecimals } from '../../ui/numbers';
import styles from './FindingTable.module.css';

interface FindingTableProps {
  readonly caption: ReactNode;
  readonly columns: readonly ReactNode[];
  /** The first cell of each names the row. */
  readonly rows: readonly (readonly ReactNode[])[];
  /** Longer than a screen: scrolls by itself. */
  readonly long?: boolean;
}

/** What an experiment measured. Scrolls sideways by itself where it is wider than the screen; its caption does not. */
export function FindingTable({ caption, columns, rows, long = false }: FindingTableProps) {
  const id = useId();
  return (
    <div className={styles.finding}>
      <p id={id} className="note">
        {caption}
      </p>
      <div
        className={styles.scroll}
        data-long={long}
        role="region"
        tabIndex={0}
        aria-labelledby={id}
      >
        <table className={styles.table} aria-labelledby={id}>
          <thead>
            <tr>
              {columns.map((column, i) => (
                <th key={i} scope="col">
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(([name, ...cells], i) => (
              <tr key={i}>
                <th scope="row">{name}</th>
                {cells.map((cell, j) => (
                  <td key={j} data-wide={isWide(cell)}>
                    {cell}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}

/** A text that would otherwise be broken at every word. */
function isWide(cell: ReactNode): boolean {
  return typeof cell === 'string' && cell.length > 16;
}

/** The first four values of a tensor, as a cell. */
export function Four({ values }: { readonly values: ArrayLike<number> }) {
  const texts = Array.from(values).slice(0, 4).map(threeDecimals);
  return (
    <span className={styles.four}>
      {texts.map((text, i) => (
        <span key={i}>
          <span className={styles.number}>
            {text}
            {i < texts.length - 1 && ','}
          </span>{' '}
        </span>
      ))}
    </span>
  );
}
