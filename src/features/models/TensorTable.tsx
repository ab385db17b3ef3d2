import { useState } from 'react';
import type { ModelSurvey } from '../../protocol/models';
import { visibleSentence } from '../../ui/visibleText';
import styles from './OwnModel.module.css';
import { grouping, tensorsText } from './surveyText';

/** Rows that are drawn: a browser takes its time with more. */
const MOST_ROWS = 1000;

/** All that the checkpoint holds. The rows are made when the visitor opens them. */
export function TensorTable({ survey }: { readonly survey: ModelSurvey }) {
  const [open, setOpen] = useState(false);
  const { tensors } = survey;
  return (
    <details
      className={styles.tensors}
      onToggle={({ currentTarget }) => setOpen(currentTarget.open)}
    >
      <summary>{tensorsText(survey)}</summary>
      {open && (
        <div className={styles.scroll} tabIndex={0} role="region" aria-label="Tensors">
          <table>
            <thead>
              <tr>
                <th scope="col">Tensor</th>
                <th scope="col">Type</th>
                <th scope="col">Shape</th>
              </tr>
            </thead>
            <tbody>
              {tensors.slice(0, MOST_ROWS).map(({ name, dtype, shape }) => (
                <tr key={name}>
                  <th scope="row">{visibleSentence(name)}</th>
                  <td>{dtype}</td>
                  <td>{shape.map(grouping).join(' × ')}</td>
                </tr>
              ))}
            </tbody>
          </table>
          {tensors.length > MOST_ROWS && <p>and {grouping(tensors.length - MOST_ROWS)} more</p>}
        </div>
      )}
    </details>
  );
}
