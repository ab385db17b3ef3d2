import { HEALTHY_LANE } from '../../core/lanes';
import type { FinishedRun, ReproLane } from '../../repro/repro';

const ZEROS: ReproLane = { name: '', fault: { kind: 'zero' }, guard: 'none' };

/** A finished run for tests: a healthy lane and others, whose ids are `said`, one list a lane. */
export function finishedRun({
  said = [
    [3, 4, 5],
    [3, 9, 9],
  ],
  ...changed
}: Partial<Omit<FinishedRun, 'results'>> & {
  readonly said?: readonly (readonly number[])[];
} = {}): FinishedRun {
  return {
    model: { id: 'scripted', sha256: 'c0ffee'.repeat(10) + 'c0ff' },
    prompt: 'The capital of France is',
    lanes: [{ name: '', ...HEALTHY_LANE }, ...said.slice(1).map(() => ZEROS)],
    mode: 'free',
    maxNewTokens: 3,
    executionProvider: 'wasm',
    promptIds: [1, 2],
    results: said.map((ids) => ({
      ids,
      text: ids.map((id) => ` t${id}`).join(''),
      stopped: 'length',
      steps: ids.map((id) => ({
        top: [
          { id, token: ` t${id}`, logit: 12.5 },
          { id: 0, token: ' the', logit: 10.25 },
        ],
      })),
    })),
    ...changed,
  };
}
