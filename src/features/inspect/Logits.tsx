import { usePlayground } from '../../state/PlaygroundContext';
import { useInspection } from '../../state/inspection';
import { Answered } from './Answered';
import { LogitsFigure, type LogitsProps } from './LogitsFigure';
import { stepCount } from './logitsReading';

/** What each lane would say next, step by step, beside what the healthy lane would. From the run's own logits. */
export function Logits({ run, capture, pinnedStep, onPin }: LogitsProps) {
  const inspection = usePlayground((playground) => playground.inspection);
  const { runId } = run.record;
  const answer = useInspection(String(runId), () => inspection.distributions(runId));
  if (stepCount(run.record) === 0) {
    return <p className="note">The run was stopped before its first token: there are no logits.</p>;
  }
  return (
    <Answered answer={answer} waiting="Comparing the lanes’ distributions…">
      {(distributions) => (
        <LogitsFigure
          run={run}
          capture={capture}
          distributions={distributions}
          pinnedStep={pinnedStep}
          onPin={onPin}
        />
      )}
    </Answered>
  );
}
