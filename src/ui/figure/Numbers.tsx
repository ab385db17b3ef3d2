import { useId, useState } from 'react';
import type { Cell, NumbersTable } from './csv';
import styles from './Numbers.module.css';
import { numberText } from './numberText';

/** Rows that the page shows; a longer table is for a spreadsheet. */
const SHOWN = 64;

/** The numbers of a figure as a table, built when it is opened. */
export function Numbers({ table }: { readonly table: NumbersTable }) {
  const [open, setOpen] = useState(false);
  const caption = useId();
  const shown = Math.min(table.rowCount, SHOWN);
  return (
    <details className={styles.numbers} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Numbers</summary>
      {open && (
        <div className={styles.scroll} tabIndex={0} role="region" aria-labelledby={caption}>
          <table>
            <caption id={caption}>
              {table.caption}
              {shown < table.rowCount &&
                `. The first ${shown} of ${table.rowCount.toLocaleString('en')} rows; the CSV has all`}
            </caption>
            <thead>
              <tr>
                {table.columns.map((column, i) => (
                  <th key={i} scope="col">
                    {column}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {Array.from({ length: shown }, (_, index) => (
                <tr key={index}>
                  {table.row(index).map((cell, i) => (
                    <td key={i}>{cellText(cell)}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </details>
  );
}

function cellText(cell: Cell): string {
  if (cell === null) return '–';
  return typeof cell === 'number' ? numberText(cell) : cell;
}
