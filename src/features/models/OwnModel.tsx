import { useCallback } from 'react';
import { usePlayground } from '../../state/PlaygroundContext';
import type { ModelFiles } from '../../ui/modelFiles';
import { ModelPicker } from '../../ui/ModelPicker';
import { useModelDrop } from '../../ui/useModelDrop';
import { HubForm } from './HubForm';
import { Looked } from './Looked';
import styles from './OwnModel.module.css';
import { StoredModels } from './StoredModels';

interface OwnModelProps {
  readonly open: boolean;
  readonly onOpen: () => void;
}

/** Names the panel for its button. */
export const OWN_MODEL_ID = 'own-model';

/** Brings another model: of a hub, of this machine, or one that is stored here. */
export function OwnModel({ open, onOpen }: OwnModelProps) {
  const lookAt = usePlayground((playground) => playground.lookAt);
  const onModel = useCallback(
    (model: ModelFiles) => {
      onOpen();
      void lookAt({ kind: 'files', ...model });
    },
    [lookAt, onOpen],
  );
  useModelDrop(onModel);
  if (!open) return null;
  return (
    <section id={OWN_MODEL_ID} className={styles.panel} aria-labelledby="own-model-title">
      <h2 id="own-model-title" className={styles.title}>
        Bring your own model
      </h2>
      <p className={styles.lead}>
        A decoder of one of a dozen families, or an ONNX export. You see what it is before anything
        large is fetched.
      </p>
      <div className={styles.ways}>
        <section className={styles.part} aria-labelledby="own-model-hub">
          <h3 id="own-model-hub" className={styles.partTitle}>
            From a hub
          </h3>
          <HubForm />
        </section>
        <section className={styles.part} aria-labelledby="own-model-files">
          <h3 id="own-model-files" className={styles.partTitle}>
            From this machine
          </h3>
          <p className={styles.quiet}>
            A checkpoint’s folder (config.json, tokenizer.json, *.safetensors) or an ONNX export.
            Choose it, or drop it on the page: it is read in place, and never uploaded.
          </p>
          <div className={styles.buttons}>
            <ModelPicker className={styles.action} onModel={onModel} />
          </div>
        </section>
        <StoredModels />
      </div>
      <Looked />
    </section>
  );
}
