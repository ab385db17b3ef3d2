import { useStore } from 'zustand';
import type { LaneSpec } from '../core/lanes';
import { playgroundLink } from '../features/investigate/playgroundLink';
import { Failed, Waiting } from '../features/investigate/Waiting';
import { Lifecycle } from '../features/lifecycle/Lifecycle';
import { Report } from '../features/report/Report';
import type { Laboratory } from '../state/laboratory';

/** What loading does to the tensors, simulated, and below it what the real library did. */
export function LearnLifecycle({ laboratory }: { readonly laboratory: Laboratory }) {
  return (
    <>
      <Simulation laboratory={laboratory} />
      <Report />
    </>
  );
}

/** The lifecycle of the model's own tensors, once they are known. A simulated load goes on in the playground. */
function Simulation({ laboratory }: { readonly laboratory: Laboratory }) {
  const model = useStore(laboratory.store, (store) => store.model);
  if (model.status === 'ready') {
    const { config, tensors } = model.model;
    const use = (lane: LaneSpec) => {
      window.location.href = playgroundLink(document.baseURI, model.model, [lane], 'frequencies');
    };
    return <Lifecycle tensors={tensors} config={config} onUse={use} />;
  }
  return (
    <>
      <h2>The loading lifecycle</h2>
      {model.status === 'failed' ? (
        <Failed
          what="The model’s tensors are not known."
          error={model.error}
          onRetry={() => void laboratory.model().catch(() => undefined)}
        />
      ) : (
        <div role="status">
          <Waiting laboratory={laboratory} />
        </div>
      )}
    </>
  );
}
