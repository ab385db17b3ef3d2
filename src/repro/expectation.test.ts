import { describe, expect, it } from 'vitest';
import { expectationOf, reproOf } from './expectation';
import type { FinishedRun } from './repro';
import { finishedRun } from './testing/repros';

const stopped = (run: FinishedRun, ...reasons: FinishedRun['results'][number]['stopped'][]) => ({
  ...run,
  results: run.results.map((result, i) => ({ ...result, stopped: reasons[i] ?? 'length' })),
});

describe('expectationOf', () => {
  it('has all ids, and the two highest logits where the first two lanes part', () => {
    const run = finishedRun([
      [5, 6, 7],
      [5, 9, 7],
      [1, 1, 1],
    ]);
    expect(expectationOf(run, '1.2.3')).toEqual({
      lanes: [
        { ids: [5, 6, 7], length: 3, digest: null, stopped: 'length' },
        { ids: [5, 9, 7], length: 3, digest: null, stopped: 'length' },
        { ids: [1, 1, 1], length: 3, digest: null, stopped: 'length' },
      ],
      divergence: {
        step: 1,
        tops: [
          [
            { id: 6, logit: 7.5 },
            { id: 7, logit: 7.25 },
          ],
          [
            { id: 9, logit: 7.5 },
            { id: 10, logit: 7.25 },
          ],
        ],
      },
      executionProvider: 'wasm',
      appVersion: '1.2.3',
    });
  });

  it('finds no divergence where there is none, or where a lane was stopped before it', () => {
    const divergenceOf = (run: FinishedRun) => expectationOf(run, '').divergence;
    expect(divergenceOf(finishedRun([[5, 6]]))).toBeNull();
    expect(
      divergenceOf(
        finishedRun([
          [5, 6],
          [5, 6],
          [9, 9],
        ]),
      ),
    ).toBeNull();
    expect(divergenceOf(stopped(finishedRun([[5, 6], [5]]), 'cancelled', 'cancelled'))).toBeNull();
    expect(divergenceOf(stopped(finishedRun([[5, 6], [5]]), 'length', 'eos'))).toEqual({
      step: 1,
      tops: [
        [
          { id: 6, logit: 7.5 },
          { id: 7, logit: 7.25 },
        ],
        [],
      ],
    });
  });
});

describe('reproOf', () => {
  it('has what makes the run, what came of it, and what to look at', () => {
    const run = finishedRun([[5], [6]], { prompt: 'lone \uD800', mode: 'teacher-forced' });
    const repro = reproOf(run, { appVersion: '1.2.3', view: 'dose', pinnedStep: 0 });
    expect(repro).toEqual({
      model: run.model,
      prompt: 'lone \uFFFD',
      lanes: run.lanes,
      mode: 'teacher-forced',
      maxNewTokens: 1,
      view: 'dose',
      pinnedStep: 0,
      expectation: expectationOf(run, '1.2.3'),
    });
  });

  it('writes the same fault in one way', () => {
    const [healthy, zero] = finishedRun([[5], [6]]).lanes;
    if (!healthy || !zero) throw new Error('There are no two lanes.');
    const lanes = [healthy, { ...zero, fault: { kind: 'zero', parameters: {} } } as const];
    const options = { appVersion: '', view: null, pinnedStep: null };
    expect(reproOf(finishedRun([[5], [6]], { lanes }), options).lanes[1]?.fault).toEqual({
      kind: 'zero',
    });
  });
});
