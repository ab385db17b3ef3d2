import { FAULTS } from '../../core/faults';
import { GUARDS } from '../../core/guards';
import { sameRun } from '../../state/lanes';
import { usePlayground } from '../../state/PlaygroundContext';
import { recordOf, type Run } from '../../state/run';
import type { RunSettings } from '../../state/settings';
import styles from './Provenance.module.css';
import { providerName } from './providerName';

/** What the run on screen was made from, whatever has been set since; and what has been set since. */
export function Provenance({ run }: { readonly run: Run }) {
  const settings = usePlayground((playground) => playground.settings);
  const modelIsReady = usePlayground(({ model }) => model.status === 'ready');
  const record = recordOf(run);
  if (record === null) return null;
  const { model, settings: produced, summary } = record;
  const tokensPerSecond = summary?.timing.tokensPerSecond ?? null;
  const changed = changesSince(produced, settings, modelIsReady);
  return (
    <div className={styles.provenance}>
      <ul className={styles.facts} aria-label="This run was made from" data-testid="provenance">
        <li className={styles.prompt}>“{produced.prompt}”</li>
        <Lanes settings={produced} />
        {produced.mode === 'teacher-forced' && <li>teacher-forced</li>}
        <li>up to {produced.maxNewTokens} tokens</li>
        <li>
          {model.id} <code>{model.sha256.slice(0, 8)}</code>
        </li>
        <li>{providerName(model.executionProvider)}</li>
        <li className={styles.speed}>
          {tokensPerSecond === null
            ? '– tokens/s'
            : `${tokensPerSecond.toFixed(tokensPerSecond < 10 ? 1 : 0)} tokens/s per lane`}
        </li>
      </ul>
      {changed.length > 0 && (
        <p className={styles.changed}>Changed since: {changed.join(', ')}. Press Run to see it.</p>
      )}
    </div>
  );
}

function Lanes({ settings: { lanes } }: { readonly settings: RunSettings }) {
  const [only] = lanes;
  if (lanes.length > 1 || only === undefined) return <li>{lanes.length + 1} lanes</li>;
  return (
    <>
      <li>{FAULTS[only.fault.kind].label}</li>
      <li>{GUARDS[only.guard].label}</li>
    </>
  );
}

/** @param rerunsAlone lanes and mode run again by themselves, which is then about to happen */
function changesSince(produced: RunSettings, now: RunSettings, rerunsAlone: boolean): string[] {
  const changes: readonly (readonly [boolean, string])[] = [
    [now.prompt !== produced.prompt, 'prompt'],
    [!rerunsAlone && !sameRun(now.lanes, produced.lanes), 'lanes'],
    [!rerunsAlone && now.mode !== produced.mode, 'mode'],
    [now.maxNewTokens !== produced.maxNewTokens, 'number of new tokens'],
  ];
  return changes.filter(([differs]) => differs).map(([, name]) => name);
}
