import { describe, expect, it, vi } from 'vitest';
import { UNKNOWN_DISTRIBUTION } from '../../core/distribution';
import { appError, type Result } from '../../core/errors';
import { FAULTS } from '../../core/faults';
import { MAX_LANES } from '../../core/lanes';
import type { RunSummary, StopReason } from '../../protocol/engineApi';
import type { RunDistributions } from '../../protocol/inspection';
import { divergenceText, klAxis } from './doseChart';
import { doseNumbers } from './doseNumbers';
import { createDose, type DoseEngine } from './doseStore';
import {
  doseLanes,
  joinBatches,
  pointsOfBatch,
  sameMaking,
  sweepBatches,
  type SweepMaking,
} from './sweep';

const MADE: SweepMaking = { prompt: 'a', maxNewTokens: 3, model: { id: 'm', sha256: 'abc' } };
const at = (kl: number | null) => ({ ...UNKNOWN_DISTRIBUTION, kl });

function summary(runId: number, ids: readonly (readonly number[])[], stopped: StopReason) {
  const lanes = ids.map((own) => ({ ids: own, text: '', stopped }));
  return { runId, lanes } as unknown as RunSummary;
}

describe('the doses', () => {
  it('fit into batches, with the healthy lane first and α = 0 last', () => {
    for (const fine of [false, true]) {
      const batches = sweepBatches(fine);
      for (const alphas of batches) {
        const lanes = doseLanes(alphas);
        expect(lanes).toHaveLength(alphas.length + 1);
        expect(lanes.length).toBeLessThanOrEqual(MAX_LANES);
        expect(lanes[0]?.fault.kind).toBe('none');
      }
      const all = batches.flat();
      expect(all).toEqual([...all].sort((a, b) => b - a));
      expect(new Set(all).size).toBe(all.length);
      expect(all.at(-1)).toBe(0);
      expect(all).not.toContain(1);
    }
    expect(sweepBatches(false).flat()).toHaveLength(7);
  });

  it('multiply every frequency by α', () => {
    const [, lane] = doseLanes([0.5]);
    const healthy = Float32Array.of(1, 0.5);
    expect(lane && FAULTS.scaled.apply(healthy, lane.fault.parameters)).toEqual(
      Float32Array.of(0.5, 0.25),
    );
  });
});

describe('a batch', () => {
  const points = pointsOfBatch(
    [0.5, 0],
    summary(
      1,
      [
        [7, 8, 9],
        [7, 8, 9],
        [7, 5, 9],
      ],
      'length',
    ),
    { runId: 1, lanes: [[at(0), at(0), at(0)], [at(0.25), at(0.75), at(null)], [at(null)]] },
  );

  it('gives for each dose the first token chosen otherwise, and the mean of its known KL', () => {
    expect(points).toEqual([
      { alpha: 1, firstDivergence: null, meanKl: 0, steps: 3 },
      { alpha: 0.5, firstDivergence: null, meanKl: 0.5, steps: 2 },
      { alpha: 0, firstDivergence: 1, meanKl: null, steps: 0 },
    ]);
    expect(points.map(({ firstDivergence }) => divergenceText(firstDivergence))).toEqual([
      'none',
      'none',
      'token 2',
    ]);
  });

  it('is joined with others, α = 1 once', () => {
    const joined = joinBatches([
      points,
      points.map((p) => ({ ...p, alpha: p.alpha && p.alpha - 0.25 })),
    ]);
    expect(joined.map(({ alpha }) => alpha)).toEqual([1, 0.75, 0.5, 0.25, 0]);
    expect(joinBatches([points, points])).toEqual(points);
  });

  it('is listed dose by dose', () => {
    const numbers = doseNumbers({ made: MADE, points });
    expect(numbers.row(0)).toEqual([1, 'none', 0, 3]);
    expect(numbers.row(2)).toEqual([0, 2, null, 0]);
  });
});

it('is the same sweep while prompt, length and model are the same', () => {
  expect(sameMaking(MADE, { ...MADE })).toBe(true);
  expect(sameMaking(MADE, { ...MADE, prompt: 'b' })).toBe(false);
  expect(sameMaking(MADE, { ...MADE, maxNewTokens: 4 })).toBe(false);
  expect(sameMaking(MADE, { ...MADE, model: { id: 'm', sha256: 'abd' } })).toBe(false);
});

describe('the axis of KL', () => {
  const kl = (...values: (number | null)[]) => values.map((meanKl) => ({ meanKl }));

  it('holds every value', () => {
    for (const spacing of ['linear', 'log'] as const) {
      const values = [0, 1e-7, 0.02, 3.1];
      const { placeOf, domain } = klAxis(kl(...values, null), spacing);
      for (const value of values) {
        expect(placeOf(value)).toBeGreaterThanOrEqual(domain[0]);
        expect(placeOf(value)).toBeLessThanOrEqual(domain[1]);
      }
      expect(values.map(placeOf)).toEqual(values.map(placeOf).sort((a, b) => a - b));
    }
  });

  it('gives zero an edge on a log axis, and only where there is a zero', () => {
    const { edge, ticks, labelOf } = klAxis(kl(0, 0.01, 2), 'log');
    expect(edge).toBeLessThan(ticks[0] ?? 0);
    expect(edge === null ? '' : labelOf(edge)).toBe('0');
    expect(ticks.map(labelOf)).toEqual(['0.01', '0.1', '1', '10']);
    expect(klAxis(kl(0.01, 2), 'log').edge).toBeNull();
  });

  it('stands where everything is zero or unknown', () => {
    for (const spacing of ['linear', 'log'] as const) {
      expect(klAxis(kl(0, null), spacing).domain[1]).toBeGreaterThan(0);
      expect(klAxis([], spacing).ticks.length).toBeLessThan(12);
    }
  });
});

describe('a sweep', () => {
  const answered = (runId: number, lanes: number, stopped: StopReason = 'length') => ({
    ok: true as const,
    value: summary(
      runId,
      Array.from({ length: lanes }, () => [1, 2, 3]),
      stopped,
    ),
  });
  const distributions = (runId: number): Promise<Result<RunDistributions>> =>
    Promise.resolve({
      ok: true,
      value: { runId, lanes: Array.from({ length: MAX_LANES }, () => [at(0), at(0.5), at(1)]) },
    });

  function engine(experiment: DoseEngine['experiment']): DoseEngine {
    return { experiment, inspection: { distributions } };
  }

  it('runs its batches teacher-forced and keeps what they say', async () => {
    const dose = createDose();
    const experiment = vi.fn<DoseEngine['experiment']>((request, { onEvent }) => {
      onEvent({ type: 'tokens', runId: 1, steps: [[], []] });
      return Promise.resolve(answered(1, request.lanes.length));
    });
    await dose.getState().start(engine(experiment), MADE, true);
    expect(experiment).toHaveBeenCalledTimes(2);
    expect(experiment.mock.calls[0]?.[0]).toMatchObject({ mode: 'teacher-forced', prompt: 'a' });
    const { run, sweep } = dose.getState();
    expect(run.status).toBe('done');
    expect(sweep?.points).toHaveLength(15);
    expect(sweep?.made).toEqual(MADE);
  });

  it('counts the healthy lane’s tokens', async () => {
    const dose = createDose();
    let seen: unknown;
    const experiment: DoseEngine['experiment'] = (request, { onEvent }) => {
      const token = { id: 1, text: '', label: '', top: [] };
      onEvent({ type: 'tokens', runId: 1, steps: [[token, token], [token]] });
      seen = dose.getState().run;
      return Promise.resolve(answered(1, request.lanes.length));
    };
    await dose.getState().start(engine(experiment), MADE, false);
    expect(seen).toMatchObject({ status: 'running', done: 2, total: 3 });
  });

  it('is stopping until the engine has answered, then stopped, and keeps the last result', async () => {
    const dose = createDose();
    const good = engine((request) => Promise.resolve(answered(1, request.lanes.length)));
    await dose.getState().start(good, MADE, false);
    const kept = dose.getState().sweep;
    let answer: (result: Result<RunSummary>) => void = () => undefined;
    let aborted = false;
    const held = engine((_request, { signal }) => {
      signal.addEventListener('abort', () => (aborted = true));
      return new Promise((resolve) => (answer = resolve));
    });
    const going = dose.getState().start(held, MADE, true);
    // A second one while it goes on does nothing.
    await dose.getState().start(good, MADE, false);
    expect(dose.getState().run.status).toBe('running');
    dose.getState().cancel();
    expect(aborted).toBe(true);
    expect(dose.getState().run.status).toBe('stopping');
    answer(answered(2, 8, 'cancelled'));
    await going;
    expect(dose.getState().run.status).toBe('stopped');
    expect(dose.getState().sweep).toBe(kept);
  });

  it('is stopped when the visitor’s next run cancels it', async () => {
    const dose = createDose();
    const cut = engine((request) =>
      Promise.resolve(answered(1, request.lanes.length, 'cancelled')),
    );
    await dose.getState().start(cut, MADE, false);
    expect(dose.getState().run.status).toBe('stopped');
  });

  it('fails with the engine’s error, also if something is thrown', async () => {
    const dose = createDose();
    const error = appError('device-lost', 'The GPU device was lost: gone');
    await dose.getState().start(
      engine(() => Promise.resolve({ ok: false, error })),
      MADE,
      false,
    );
    expect(dose.getState().run).toEqual({ status: 'failed', made: MADE, error });
    await dose.getState().start(
      engine(() => Promise.reject(new Error('no'))),
      MADE,
      false,
    );
    expect(dose.getState().run).toMatchObject({ status: 'failed', error: { code: 'internal' } });
  });
});
