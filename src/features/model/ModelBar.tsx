import type { LoadPhase, LoadProgress } from '../../protocol/engineApi';
import type { ModelStatus } from '../../state/playground';
import { usePlayground } from '../../state/PlaygroundContext';
import type { ExecutionProviderChoice } from '../../state/settings';
import { byteCount, millions } from '../../ui/numbers';
import { Segmented } from '../../ui/Segmented';
import styles from './ModelBar.module.css';

const PROVIDERS: readonly (readonly [ExecutionProviderChoice, string])[] = [
  ['auto', 'Auto'],
  ['webgpu', 'WebGPU'],
  ['wasm', 'WASM'],
];

const PHASES: Readonly<Record<LoadPhase, string>> = {
  waiting: 'Waiting',
  files: 'Loading the model',
  session: 'Starting the session',
  'warm-up': 'Warming up',
};

/** The model, where it runs and why, and how far it has come meanwhile. */
export function ModelBar() {
  const model = usePlayground((playground) => playground.model);
  const choice = usePlayground(({ settings }) => settings.executionProvider);
  const choose = usePlayground((playground) => playground.setExecutionProvider);
  return (
    <section className={styles.bar} aria-label="Model">
      <div className={styles.status} data-model={model.status}>
        <Status model={model} />
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
    case 'ready': {
      const { id, sha256, parameterCount, weightBytes, executionProvider } = model.model;
      return (
        <>
          <p>
            <strong>{id}</strong> · {millions(parameterCount)} parameters · {byteCount(weightBytes)}{' '}
            · sha256 <code title={sha256}>{sha256.slice(0, 8)}</code>
          </p>
          <p>
            Runs on <strong>{executionProvider === 'webgpu' ? 'WebGPU' : 'WASM'}</strong>:{' '}
            {model.model.executionProviderReason}
          </p>
        </>
      );
    }
  }
}

function Loading({ progress }: { readonly progress: LoadProgress | null }) {
  const { phase = 'files', loadedBytes = 0, totalBytes = 0 } = progress ?? {};
  const reading = phase === 'files' && totalBytes > 0;
  return (
    <>
      <p>
        <span>{PHASES[phase]}</span>
        {totalBytes > 0 && (
          <span className={styles.bytes}>
            {' '}
            · {byteCount(loadedBytes)} of {byteCount(totalBytes)}
          </span>
        )}
      </p>
      <progress
        className={styles.progress}
        aria-label={PHASES[phase]}
        {...(reading ? { value: loadedBytes, max: totalBytes } : {})}
      />
    </>
  );
}
