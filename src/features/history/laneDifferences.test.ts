import { describe, expect, it } from 'vitest';
import type { FinishedRun, ReproLane } from '../../repro/repro';
import { finishedRun } from '../../state/testing/finishedRuns';
import { laneDifferences, otherDifferences } from './laneDifferences';

const HEALTHY: ReproLane = { name: '', fault: { kind: 'none' }, guard: 'none' };
const lane = (kind: ReproLane['fault']['kind'], parameters = {}): ReproLane => ({
  name: '',
  fault: { kind, parameters },
  guard: 'none',
});

function run(
  lanes: readonly ReproLane[],
  said: readonly (readonly number[])[],
  changed: Partial<FinishedRun> = {},
) {
  return finishedRun({ lanes, said, ...changed });
}

const places = (present: FinishedRun, pinned: FinishedRun) =>
  laneDifferences(present, pinned).map((difference) => [
    difference.present,
    difference.pinned,
    difference.step,
  ]);

describe('laneDifferences', () => {
  it('finds the first token that differs in each lane, and the margins there', () => {
    const pinned = run(
      [HEALTHY, lane('zero')],
      [
        [1, 2, 3],
        [1, 5, 6],
      ],
    );
    const present = run(
      [HEALTHY, lane('zero')],
      [
        [1, 2, 3],
        [1, 5, 7],
      ],
    );
    const [healthy, zero] = laneDifferences(present, pinned);
    expect(healthy).toMatchObject({ step: null, alike: 3, choices: { present: null } });
    expect(zero).toMatchObject({
      step: 2,
      alike: 2,
      choices: {
        present: { id: 7, token: ' t7', margin: 2.25 },
        pinned: { id: 6, token: ' t6', margin: 2.25 },
      },
    });
  });

  it('matches lanes by fault and guard, whatever their order, names and unsaid parameters', () => {
    const pinned = run([HEALTHY, lane('zero'), lane('scaled')], [[1], [2], [3]]);
    const named = { ...lane('scaled', { alpha: 0.5 }), name: 'half' };
    const present = run([HEALTHY, named, lane('zero')], [[1], [3], [9]]);
    expect(places(present, pinned)).toEqual([
      [0, 0, null],
      [1, 2, null],
      [2, 1, 0],
    ]);
  });

  it('matches the lanes that are left in their order, and names those without a counterpart', () => {
    const pinned = run([HEALTHY, lane('nan'), lane('tiny')], [[1], [2], [3]]);
    const present = run([HEALTHY, lane('tiny'), lane('huge'), lane('bf16')], [[1], [3], [2], [4]]);
    expect(places(present, pinned)).toEqual([
      [0, 0, null],
      [1, 2, null],
      [2, 1, null],
      [3, null, null],
    ]);
    expect(places(run([HEALTHY], [[1]]), pinned)).toEqual([
      [0, 0, null],
      [null, 1, null],
      [null, 2, null],
    ]);
  });

  it('takes a limit for no difference, and an end for one', () => {
    const pinned = run([HEALTHY], [[1, 2, 3, 4]], { maxNewTokens: 4 });
    const limited = run([HEALTHY], [[1, 2]], { maxNewTokens: 2 });
    expect(places(limited, pinned)).toEqual([[0, 0, null]]);
    const results = limited.results.map((result) => ({ ...result, stopped: 'eos' as const }));
    const [ended] = laneDifferences({ ...limited, results }, pinned);
    expect(ended).toMatchObject({ step: 2, choices: { present: null, pinned: { id: 3 } } });
  });
});

describe('otherDifferences', () => {
  it('says what else is not the same', () => {
    const pinned = finishedRun();
    expect(otherDifferences(pinned, pinned)).toEqual([]);
    const present = finishedRun({ prompt: 'Count:', maxNewTokens: 9, executionProvider: 'webgpu' });
    expect(otherDifferences(present, pinned)).toEqual([
      'prompt',
      'number of new tokens',
      'execution provider',
    ]);
  });
});
