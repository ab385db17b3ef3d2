import type { ReactNode } from 'react';
import type { LoadedModel, LoadProgress } from '../../protocol/engineApi';
import type { ModelStatus } from '../../state/modelActions';
import { LOAD_PHASES } from '../../state/loadPhases';
import { sameChoice } from '../../state/modelChoice';
import { usePlayground } from '../../state/PlaygroundContext';
import type { ExecutionProviderChoice } from '../../state/settings';
import { LoadingLine } from '../../ui/LoadingLine';
import { byteCount, millions } from '../../ui/numbers';
import { Segmented } from '../../ui/Segmented';
import { visibleSentence } from '../../ui/visibleText';
import styles from './ModelBar.module.css';

const PROVIDERS: readonly (readonly [ExecutionProviderChoice, string])[] = [
  ['auto', 'Auto'],
  ['webgpu', 'WebGPU'],
  ['wasm', 'WASM'],
];

interface ModelBarProps {
  /** More to do about the model. */
  readonly children?: ReactNode;
}

/** The model, where it runs and why, and how far it has come meanwhile. */
export function ModelBar({ children }: ModelBarProps) {
  const model = usePlayground((playground) => playground.model);
  const choice = usePlayground(({ settings }) => settings.executionProvider);
  const choose = usePlayground((playground) => playground.setExecutionProvider);
  return (
    <section className={styles.bar} aria-label="Model">
      <div className={styles.status} data-model={model.status}>
        <Status model={model} />
      </div>
      <div className={styles.actions}>
        <WayBack />
        {children}
      </div>
      <Segmented legend="Execution provider" options={PROVIDERS} value={choice} onChange={choose} />
    </section>
  );
}

function Status({ model }: { readonly model: ModelStatus }) {
  switch (model.status) {
    case 'idle':
      return <p>No model is loaded yet.</p>;
    case 'failed':
      return <p>The model is not loaded.</p>;
    case 'loading':
      return <Loading progress={model.progress} />;
    case 'ready':
      return <Ready model={model.model} />;
  }
}

const PACKED = { float16: 'float16', int4: '4-bit blocks' } as const;

function Ready({ model }: { readonly model: LoadedModel }) {
  const { id, sha256, parameterCount, weightBytes, executionProvider, packing, notes } = model;
  const { commit } = model.origin;
  return (
    <>
      <p className={styles.name}>
        <strong>{visibleSentence(id)}</strong>
        {commit !== null && (
          <>
            {' '}
            at <code title={commit}>{commit.slice(0, 8)}</code>
          </>
        )}{' '}
        · {millions(parameterCount)} parameters · {byteCount(weightBytes)} · sha256{' '}
        <code title={sha256}>{sha256.slice(0, 8)}</code>
        {packing !== 'keep' && ` · packed to ${PACKED[packing]}`}
        {model.format === 'onnx' && ' · ONNX export'}
      </p>
      <p>
        Runs on <strong>{executionProvider === 'webgpu' ? 'WebGPU' : 'WASM'}</strong>:{' '}
        {model.executionProviderReason}
      </p>
      {notes.map((note) => (
        <p key={note}>{visibleSentence(note)}</p>
      ))}
    </>
  );
}

/** Back to the bundled model from any other, and out of a load that goes on. */
function WayBack() {
  const model = usePlayground((playground) => playground.model);
  const choice = usePlayground((playground) => playground.choice);
  const bundled = usePlayground((playground) => playground.bundled);
  const cancel = usePlayground((playground) => playground.cancelLoad);
  const choose = usePlayground((playground) => playground.choose);
  if (sameChoice(choice, bundled)) return null;
  if (model.status === 'loading') {
    return (
      <button type="button" className={styles.action} onClick={cancel}>
        Cancel
      </button>
    );
  }
  return (
    <button type="button" className={styles.action} onClick={() => void choose(bundled)}>
      Back to {bundled.id}
    </button>
  );
}

function Loading({ progress }: { readonly progress: LoadProgress | null }) {
  const choice = usePlayground((playground) => playground.choice);
  const bundled = usePlayground((playground) => playground.bundled);
  const { phase = 'files', loadedBytes = 0, totalBytes = 0 } = progress ?? {};
  return (
    <LoadingLine
      name={sameChoice(choice, bundled) ? null : visibleSentence(choice.id)}
      phase={LOAD_PHASES[phase]}
      loadedBytes={loadedBytes}
      totalBytes={totalBytes}
      measured={phase === 'files'}
    />
  );
}
