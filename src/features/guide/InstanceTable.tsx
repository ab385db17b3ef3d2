import { useId, useState } from 'react';
import { Segmented } from '../../ui/Segmented';
import { filterInstances, type KindChoice, KINDS } from './filterInstances';
import { type Instance, INSTANCES, NOT_READ, threadUrl } from './instances';
import styles from './InstanceTable.module.css';

/** The threads: a table where there is room, cards where there is not. Its roles are written out, since cards lose them. */
export function InstanceTable() {
  const id = useId();
  const [query, setQuery] = useState('');
  const [kind, setKind] = useState<KindChoice>('all');
  const shown = filterInstances(INSTANCES, query, kind);
  return (
    <>
      <div className={styles.filter}>
        <label htmlFor={id}>
          Filter
          <input
            id={id}
            type="search"
            placeholder="a project, NaN, to_empty…"
            value={query}
            onChange={(event) => setQuery(event.target.value)}
          />
        </label>
        <Segmented legend="Kind of thread" options={KINDS} value={kind} onChange={setKind} />
        <output>
          {shown.length} of {INSTANCES.length} threads
        </output>
      </div>
      <table className={styles.table} role="table">
        <caption>Newest first. The links lead to github.com.</caption>
        <thead role="rowgroup">
          <tr role="row">
            <th role="columnheader">Thread</th>
            <th role="columnheader">Symptom</th>
            <th role="columnheader">Cause</th>
            <th role="columnheader">Fix</th>
          </tr>
        </thead>
        <tbody role="rowgroup">
          {shown.map((instance) => (
            <InstanceRow key={threadUrl(instance)} instance={instance} />
          ))}
        </tbody>
      </table>
      {shown.length === 0 && (
        <p>
          No thread has all of these words.{' '}
          <button
            type="button"
            className="button"
            onClick={() => {
              setQuery('');
              setKind('all');
            }}
          >
            Show all threads
          </button>
        </p>
      )}
    </>
  );
}

function InstanceRow({ instance }: { readonly instance: Instance }) {
  const { project, number } = instance;
  return (
    <tr role="row" data-thread={`${project}#${number}`}>
      <th role="rowheader">
        <a href={threadUrl(instance)} rel="noreferrer external">
          {project} #{number} <span aria-hidden="true">↗</span>
          <span className="hidden"> on GitHub</span>
        </a>
        {instance.read && (
          <span className={styles.facts}>
            {instance.kind}, opened <time dateTime={instance.opened}>{instance.opened}</time>,{' '}
            {instance.status} when read
          </span>
        )}
      </th>
      {instance.read ? (
        <>
          <td role="cell" data-label="Symptom">
            {instance.symptom}
          </td>
          <td role="cell" data-label="Cause">
            {instance.cause}
          </td>
          <td role="cell" data-label="Fix">
            {instance.fix}
          </td>
        </>
      ) : (
        <td role="cell" colSpan={3} className={styles.unread}>
          {NOT_READ}
        </td>
      )}
    </tr>
  );
}
