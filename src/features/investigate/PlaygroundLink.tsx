import { useStore } from 'zustand';
import type { LaneSpec } from '../../core/lanes';
import type { View } from '../../repro/repro';
import type { Laboratory } from '../../state/laboratory';
import { playgroundLink } from './playgroundLink';
import styles from './Investigation.module.css';

interface PlaygroundLinkProps {
  readonly laboratory: Laboratory;
  readonly lanes: readonly LaneSpec[];
  readonly view: View;
}

/** The way from a lesson to the playground, with the lesson's lanes. It is there when the model is known. */
export function PlaygroundLink({ laboratory, lanes, view }: PlaygroundLinkProps) {
  const model = useStore(laboratory.store, (store) => store.model);
  return (
    <p className={styles.onward}>
      {model.status === 'ready' && (
        <a href={playgroundLink(document.baseURI, model.model, lanes, view)}>
          Run this in the playground
        </a>
      )}
    </p>
  );
}
