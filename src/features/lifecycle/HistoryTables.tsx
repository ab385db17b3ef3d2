import { useId, useState } from 'react';
import type { Loading } from '../../core/lifecycle';
import { LOADING_STEPS } from '../../core/lifecycleSteps';
import styles from './HistoryTables.module.css';
import { STATE_NAMES, WORLD_NAMES } from './lifecycleText';
import { stateHistories } from './tensorGroups';

/** All states of all tensors in words: a table for each version, with a row for tensors that fare alike. */
export function HistoryTables({ loadings }: { readonly loadings: readonly Loading[] }) {
  const [open, setOpen] = useState(false);
  return (
    <details
      className={styles.histories}
      onToggle={(event) => setOpen(event.currentTarget.open)}
      data-testid="state-tables"
    >
      <summary>All steps as a table</summary>
      {open && loadings.map((loading) => <HistoryTable key={loading.world} loading={loading} />)}
    </details>
  );
}

function HistoryTable({ loading }: { readonly loading: Loading }) {
  const caption = useId();
  const { world, steps, tensors } = loading;
  return (
    <div className={styles.scroll} tabIndex={0} role="region" aria-labelledby={caption}>
      <table>
        <caption id={caption}>{WORLD_NAMES[world]}: state after each step</caption>
        <thead>
          <tr>
            <th scope="col">Tensors</th>
            {steps.map(({ id }) => (
              <th key={id} scope="col">
                {LOADING_STEPS[world][id].name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {stateHistories(tensors, steps).map(({ names, states }) => (
            <tr key={names[0]}>
              <th scope="row">{tensorNames(names)}</th>
              {states.map((state, step) => (
                <td key={step}>{STATE_NAMES[state]}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function tensorNames(names: readonly string[]): string {
  const [first = '', ...others] = names;
  return others.length === 0 ? first : `${names.length} tensors, from ${first} on`;
}
