import type { AppError } from '../core/errors';
import type { Repro } from '../repro/repro';
import { type Verdict, verdictOf } from '../repro/verdict';
import { finishedRunOf } from './finishedRun';
import type { Opened, Origin, Run, RunRecord } from './run';

/** What came of a run that was opened. */
export type Judgement =
  /** It was stopped before it began. */
  | { readonly status: 'not-run' }
  | { readonly status: 'waiting' }
  | { readonly status: 'running' }
  | { readonly status: 'failed'; readonly error: AppError }
  | {
      readonly status: 'judged';
      readonly verdict: Verdict;
      /** With other weights than its own: what the comparison says all the same. Null with its own. */
      readonly allTheSame: Verdict | null;
      readonly record: RunRecord;
    };

/** Compares what was opened with the run on screen, if that came of it. */
export function judge({ repro }: Opened, run: Run): Judgement {
  const isIts = (origin: Origin) => origin.by === 'opening' && origin.opened.repro === repro;
  switch (run.status) {
    case 'loading':
      return { status: isIts(run.settings.origin) ? 'waiting' : 'not-run' };
    case 'running':
      return { status: isIts(run.record.origin) ? 'running' : 'not-run' };
    case 'stopping':
      return { status: isIts((run.next ?? run.record).origin) ? 'running' : 'not-run' };
    case 'failed':
      return isIts(run.settings.origin)
        ? { status: 'failed', error: run.error }
        : { status: 'not-run' };
    case 'done':
      return isIts(run.record.origin) ? judgeRecord(repro, run.record) : { status: 'not-run' };
    case 'idle':
      return { status: 'not-run' };
  }
}

function judgeRecord(repro: Repro, record: RunRecord): Judgement {
  const found = finishedRunOf(record);
  if (found === null) return { status: 'running' };
  const verdict = verdictOf(repro, found);
  const allTheSame =
    verdict.kind === 'different-model' ? verdictOf({ ...repro, model: found.model }, found) : null;
  return { status: 'judged', verdict, allTheSame, record };
}
