import { type ReactNode, useMemo } from 'react';
import type { Capture } from '../../protocol/inspection';
import { type Inspected, useInspection } from '../../state/inspection';
import { usePlayground } from '../../state/PlaygroundContext';
import type { RunRecord } from '../../state/run';
import { Answered } from './Answered';
import { Attention } from './Attention';
import { endedRecord, inspectedRun } from './inspectedRun';
import styles from './InspectViews.module.css';
import { Logits } from './Logits';
import { QueriesAndKeys } from './QueriesAndKeys';

export type InspectView = 'queries-and-keys' | 'attention' | 'logits';

export interface InspectViewsProps {
  /** The step that is read everywhere on the page, from 0; null while the visitor has not chosen one. */
  readonly pinnedStep: number | null;
  readonly onPin: (step: number) => void;
  /** Those to show, in this order. All of them unless said otherwise. */
  readonly views?: readonly InspectView[];
}

const ALL: readonly InspectView[] = ['queries-and-keys', 'attention', 'logits'];

/** What the lanes of the run on screen hold inside, from what the run's own steps gave. */
export function InspectViews(props: InspectViewsProps) {
  const record = usePlayground(({ run }) => endedRecord(run));
  if (record === null) {
    return (
      <p className="note">
        When a run has ended, its queries and keys, attention weights and logits will be here.
      </p>
    );
  }
  const traced = record.model.format !== 'onnx';
  return <Views key={record.runId} {...props} record={record} traced={traced} />;
}

function Views({
  record,
  pinnedStep,
  onPin,
  views = ALL,
  traced,
}: InspectViewsProps & {
  readonly record: RunRecord;
  /** Does the graph give its queries and keys? */
  readonly traced: boolean;
}) {
  const inspection = usePlayground((playground) => playground.inspection);
  const run = useMemo(() => inspectedRun(record), [record]);
  const { runId } = record;
  const captured = useInspection(traced ? String(runId) : null, () => inspection.capture(runId));
  return (
    <div className={styles.views}>
      {views.map((view) => {
        switch (view) {
          case 'queries-and-keys':
            return (
              <WhenCaptured key={view} captured={captured} traced={traced}>
                {(capture) => <QueriesAndKeys run={run} capture={capture} />}
              </WhenCaptured>
            );
          case 'attention':
            return (
              <WhenCaptured key={view} captured={captured} traced={traced}>
                {(capture) => <Attention run={run} capture={capture} />}
              </WhenCaptured>
            );
          case 'logits':
            return (
              <Logits
                key={view}
                run={run}
                capture={captured.status === 'ready' ? captured.value : null}
                pinnedStep={pinnedStep}
                onPin={onPin}
              />
            );
        }
      })}
    </div>
  );
}

function WhenCaptured({
  captured,
  traced,
  children,
}: {
  readonly captured: Inspected<Capture>;
  readonly traced: boolean;
  readonly children: (capture: Capture) => ReactNode;
}) {
  if (!traced) {
    return (
      <p className="note">
        This model is an ONNX export: its graph gives logits, and keeps its queries and keys to
        itself. Loaded from its safetensors files, the same model shows them here.
      </p>
    );
  }
  return (
    <Answered answer={captured} waiting="Asking for the run’s queries and keys…">
      {children}
    </Answered>
  );
}
