import { Fragment, useId, useState } from 'react';
import type { Loading, LoadingStep } from '../../core/lifecycle';
import type { LoadingTensor } from '../../core/lifecycleStates';
import { WORLD_NAMES } from './lifecycleText';
import { StateMark } from './StateMark';
import styles from './TensorStates.module.css';
import { countStates, type TensorGroup, tensorGroups } from './tensorGroups';

interface TensorStatesProps {
  /** The same tensors in each. */
  readonly loadings: readonly Loading[];
  /** Index of the step that has just been taken. */
  readonly at: number;
}

const FIRST_OPEN = 'Buffer and tied head';

/** Every tensor of the model and its state in each version, in groups that open. */
export function TensorStates({ loadings, at }: TensorStatesProps) {
  const id = useId();
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set([FIRST_OPEN]));
  const tensors = loadings[0]?.tensors ?? [];
  const groups = tensorGroups(tensors);
  const allOpen = groups.every(({ label }) => open.has(label));
  const toggle = (label: string, isOpen: boolean) => {
    if (open.has(label) === isOpen) return;
    setOpen(new Set(isOpen ? [...open, label] : [...open].filter((other) => other !== label)));
  };
  const columns = loadings.flatMap(({ world, steps }) => {
    const step = steps[at];
    return step === undefined ? [] : [{ world, step }];
  });
  return (
    <section className={styles.tensors} aria-labelledby={id}>
      <div className={styles.head}>
        <h3 id={id}>
          {tensorCount(tensors)} after step {at + 1}
        </h3>
        <button
          type="button"
          className={styles.button}
          onClick={() => setOpen(new Set(allOpen ? [] : groups.map(({ label }) => label)))}
        >
          {allOpen ? 'Close all groups' : 'Open all groups'}
        </button>
      </div>
      <div className={styles.groups}>
        <div className={styles.columns} aria-hidden="true">
          <span>Tensor</span>
          {columns.map(({ world }) => (
            <span key={world}>{world}</span>
          ))}
        </div>
        {groups.map((group) => (
          <Group
            key={group.label}
            group={group}
            columns={columns}
            open={open.has(group.label)}
            onToggle={(isOpen) => toggle(group.label, isOpen)}
          />
        ))}
      </div>
    </section>
  );
}

/** "74 parameters, a buffer and a tied head": counted apart, because a state dict counts otherwise. */
function tensorCount(tensors: readonly LoadingTensor[]): string {
  const tied = tensors.filter(({ tiedTo }) => tiedTo !== undefined).length;
  const parameters = tensors.filter(({ kind }) => kind === 'parameter').length - tied;
  return tied === 0
    ? `${parameters} parameters and a buffer`
    : `${parameters} parameters, a buffer and a tied head`;
}

interface GroupProps {
  readonly group: TensorGroup;
  readonly columns: readonly { readonly world: Loading['world']; readonly step: LoadingStep }[];
  readonly open: boolean;
  readonly onToggle: (open: boolean) => void;
}

function Group({ group, columns, open, onToggle }: GroupProps) {
  const { label, tensors } = group;
  return (
    <details
      className={styles.group}
      open={open}
      onToggle={(event) => onToggle(event.currentTarget.open)}
      data-group={label}
    >
      <summary>
        <span className={styles.label}>
          {label} <span className={styles.count}>{tensors.length}</span>
        </span>
        {columns.map(({ world, step }) => (
          <span key={world} className={styles.states}>
            <span className="hidden">{world}:</span>
            {countStates(tensors, step.states).map(([state, count]) => (
              <StateMark key={state} state={state} count={count} />
            ))}
          </span>
        ))}
      </summary>
      {open && (
        <table>
          <caption className="hidden">{label}: name, shape, and state in each version</caption>
          <thead>
            <tr>
              <th scope="col">
                <span className="hidden">Tensor</span>
              </th>
              {columns.map(({ world }) => (
                <th key={world} scope="col">
                  <span className="hidden">{WORLD_NAMES[world]}</span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {tensors.map((tensor) => (
              <tr key={tensor.name} data-tensor={tensor.name}>
                <th scope="row">
                  <TensorName tensor={tensor} />
                </th>
                {columns.map(({ world, step }) => (
                  <td key={world}>
                    <StateMark state={step.states.get(tensor.name) ?? 'absent'} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </details>
  );
}

function TensorName({ tensor }: { readonly tensor: LoadingTensor }) {
  const { name, shape, dtype, kind, tiedTo } = tensor;
  return (
    <>
      <code className={styles.name}>
        {name.split(/(?<=[._])/).map((part, i) => (
          <Fragment key={i}>
            {part}
            <wbr />
          </Fragment>
        ))}
      </code>{' '}
      <span className={styles.shape}>
        [{shape.join(', ')}] {dtype}
        {kind === 'buffer' && ', buffer'}
        {tiedTo !== undefined && `, tied to ${tiedTo}`}
      </span>
    </>
  );
}
