import { type SubmitEvent, useId, useState } from 'react';
import { DEFAULT_HUB, DEFAULT_REVISION } from '../../protocol/models';
import { isHubAddress } from '../../repro/hub';
import { usePlayground } from '../../state/PlaygroundContext';
import styles from './OwnModel.module.css';
import { readRepository } from './repositoryAddress';

/** Names a repository of a hub. Nothing is asked of the hub before the button is pressed. */
export function HubForm() {
  const lookAt = usePlayground((playground) => playground.lookAt);
  const hub = usePlayground((playground) => playground.hub);
  const setHub = usePlayground((playground) => playground.setHub);
  const [repository, setRepository] = useState('');
  const [revision, setRevision] = useState('');
  const [address, setAddress] = useState(hub);
  const [wrong, setWrong] = useState<string | null>(null);
  const id = useId();

  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const trimmed = address.trim().replace(/\/+$/, '') || DEFAULT_HUB;
    if (!isHubAddress(trimmed)) {
      setWrong('The hub’s address is none: it begins with https://.');
      return;
    }
    const reference = readRepository(repository, { hub: trimmed, revision });
    if (reference === null) {
      setWrong('Name a repository as owner/name, or paste the address of its page.');
      return;
    }
    setWrong(null);
    setHub(trimmed);
    void lookAt(reference);
  };

  return (
    <form className={styles.form} onSubmit={submit} noValidate>
      <label className={styles.wide}>
        Repository or its address
        <input
          value={repository}
          onChange={({ target }) => setRepository(target.value)}
          placeholder="owner/name"
          autoCapitalize="none"
          autoComplete="off"
          spellCheck={false}
          aria-invalid={wrong !== null}
          aria-describedby={`${id}-wrong`}
        />
      </label>
      <label>
        Revision
        <input
          value={revision}
          onChange={({ target }) => setRevision(target.value)}
          placeholder={DEFAULT_REVISION}
          autoCapitalize="none"
          autoComplete="off"
          spellCheck={false}
        />
      </label>
      <button type="submit" className={styles.action}>
        Look up
      </button>
      <p id={`${id}-wrong`} role="alert" className={styles.wrong}>
        {wrong}
      </p>
      <details className={styles.advanced}>
        <summary>Another hub{hub === DEFAULT_HUB ? '' : `: ${hub}`}</summary>
        <label>
          Address of the hub
          <input
            value={address}
            onChange={({ target }) => setAddress(target.value)}
            placeholder={DEFAULT_HUB}
            inputMode="url"
            autoCapitalize="none"
            autoComplete="off"
            spellCheck={false}
          />
        </label>
      </details>
    </form>
  );
}
