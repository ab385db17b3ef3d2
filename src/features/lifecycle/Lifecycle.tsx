import { useId, useMemo, useState } from 'react';
import type { LaneSpec } from '../../core/lanes';
import { type LoadingConfig, simulateLoading } from '../../core/lifecycle';
import { LOADING_WORLDS, USUAL_LOADING } from '../../core/lifecycleChoices';
import type { LoadingParameter } from '../../core/lifecycleStates';
import { LOADING_STEP_COUNT } from '../../core/lifecycleSteps';
import { HistoryTables } from './HistoryTables';
import styles from './Lifecycle.module.css';
import { stepText } from './lifecycleText';
import { LoadingControls } from './LoadingControls';
import { StepControls } from './StepControls';
import { TensorStates } from './TensorStates';
import { useStepping } from './useStepping';
import { WorldColumn } from './WorldColumn';

interface LifecycleProps {
  /** Of the loaded checkpoint. */
  readonly tensors: readonly LoadingParameter[];
  readonly config: LoadingConfig;
  /** Takes the lane that computes with the simulated inv_freq; whoever sets it offers the way back. */
  readonly onUse: (lane: LaneSpec) => void;
}

/** `from_pretrained` in two versions of the library, step by step, and what becomes of inv_freq. */
export function Lifecycle({ tensors, config, onUse }: LifecycleProps) {
  const id = useId();
  const [choices, setChoices] = useState(USUAL_LOADING);
  const [probes, setProbes] = useState<ReadonlySet<string>>(new Set());
  const stepping = useStepping(LOADING_STEP_COUNT);
  const loadings = useMemo(
    () => LOADING_WORLDS.map((world) => simulateLoading(world, choices, config, tensors)),
    [choices, config, tensors],
  );
  const toggleProbe = (place: string) => {
    const next = new Set(probes);
    if (!next.delete(place)) next.add(place);
    setProbes(next);
  };
  return (
    <section className={styles.lifecycle} aria-labelledby={id}>
      <h2 id={id} tabIndex={-1}>
        The loading lifecycle
      </h2>
      <p className={styles.lead}>
        What <code>from_pretrained</code> does to every tensor of this model, in two versions of the
        library side by side. Choose how the model is written and what its memory holds, place
        probes, and step through. What <code>inv_freq</code> is in the end is what the lanes can run
        with.
      </p>
      <LoadingControls choices={choices} onChange={setChoices} />
      <StepControls {...stepping} />
      <p className="hidden" role="status">
        {stepText(loadings, stepping.at)}
      </p>
      <div className={styles.worlds}>
        {loadings.map((loading) => (
          <WorldColumn
            key={loading.world}
            loading={loading}
            at={stepping.at}
            probes={probes}
            onToggleProbe={toggleProbe}
            onUse={onUse}
          />
        ))}
      </div>
      <TensorStates loadings={loadings} at={stepping.at} />
      <HistoryTables loadings={loadings} />
      <p className="note">
        A simulation. Every combination of these choices was measured with transformers 4.57.6 and
        5.18.0, torch 2.13.0 on a CPU, and ended as it ends here; only leftovers below 1e-6 cannot
        be had at will. Leftovers are drawn from a seed: what a real load finds differs from load to
        load.
      </p>
    </section>
  );
}
