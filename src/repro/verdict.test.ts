import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StopReason } from '../protocol/engineApi';
import { reproOf } from './expectation';
import { formatLink, parseLink } from './link';
import type { ExpectedLane, FinishedRun, Repro } from './repro';
import { finishedRun, finishedRuns } from './testing/repros';
import { describeVerdict, differentModel, verdictOf, verdictTitle } from './verdict';

const OPTIONS = { appVersion: '0.1.0', view: null, pinnedStep: null };
const expecting = (run: FinishedRun): Repro => reproOf(run, OPTIONS);
const linked = (run: FinishedRun): Repro => parseLink(formatLink(expecting(run)));
const RUN = finishedRun([
  [5, 6, 7, 8],
  [5, 9, 7, 8],
]);
const stopped = (run: FinishedRun, ...reasons: StopReason[]): FinishedRun => ({
  ...run,
  results: run.results.map((result, i) => ({ ...result, stopped: reasons[i] ?? 'length' })),
});
const withLane = (repro: Repro, lane: number, change: Partial<ExpectedLane>): Repro => ({
  ...repro,
  expectation: repro.expectation && {
    ...repro.expectation,
    lanes: repro.expectation.lanes.map((one, i) => (i === lane ? { ...one, ...change } : one)),
  },
});
const many = (count: number, from = 0) => Array.from({ length: count }, (_, i) => from + i);

describe('a run is reproduced', () => {
  it('by itself, whatever it is, through a link and without', () => {
    fc.assert(
      fc.property(finishedRuns, (run) => {
        expect(verdictOf(expecting(run), run)).toEqual({ kind: 'reproduced' });
        expect(verdictOf(linked(run), run)).toEqual({ kind: 'reproduced' });
      }),
    );
  });

  it('by one that goes on where the other was stopped by a visitor', () => {
    const short = stopped(
      finishedRun([[5, 6], [5]], { maxNewTokens: 4 }),
      'cancelled',
      'cancelled',
    );
    expect(verdictOf(expecting(short), RUN)).toEqual({ kind: 'reproduced' });
    const long = stopped(finishedRun([many(70)], { maxNewTokens: 80 }), 'cancelled');
    expect(verdictOf(linked(long), finishedRun([many(80)]))).toEqual({ kind: 'reproduced' });
    expect(verdictOf(linked(long), finishedRun([[...many(69), 1]])).kind).toBe('parted');
  });

  it('with other logits and on another execution provider', () => {
    const other: FinishedRun = {
      ...RUN,
      executionProvider: 'webgpu',
      results: RUN.results.map((result) => ({
        ...result,
        steps: result.steps.map(({ top }) => ({ top: top.map((one) => ({ ...one, logit: 0 })) })),
      })),
    };
    expect(verdictOf(expecting(RUN), other)).toEqual({ kind: 'reproduced' });
  });
});

describe('a run parts', () => {
  const parted = {
    kind: 'parted',
    beyond: false,
    nearTie: false,
    executionProvider: { expected: 'wasm', found: 'wasm' },
  };

  it('at the first token that differs in any lane, with the margin there', () => {
    const found = finishedRun([
      [5, 6, 7, 1],
      [5, 9, 2, 8],
    ]);
    const verdict = verdictOf(expecting(RUN), found);
    expect(verdict).toEqual({ ...parted, lane: 1, step: 2, expected: 7, found: 2, margin: 0.25 });
    expect(describeVerdict(verdict, found)).toBe(
      'Reproduced up to step 2: at token 3, lane 2 (inv_freq lost: all zeros) chose “ w2” where “ w7” was expected, 0.25 ahead of its second choice.',
    );
  });

  it('at the altered id of a link', () => {
    const link = withLane(linked(RUN), 0, { ids: [5, 6, 3, 8] });
    const verdict = verdictOf(parseLink(formatLink(link)), RUN);
    expect(verdict).toMatchObject({ kind: 'parted', lane: 0, step: 2, expected: 3, found: 7 });
    expect(verdictTitle(verdict)).toBe('Reproduced up to step 2');
    expect(describeVerdict(verdict, RUN)).toContain('where token id 3 was expected');
  });

  it('in a near-tie, if the token expected was nearly chosen', () => {
    const close = (rival: number, logit: number): FinishedRun => ({
      ...finishedRun([[5, 6, 7, 8]]),
      executionProvider: 'webgpu',
      results: finishedRun([[5, 6, 7, 8]]).results.map((result) => ({
        ...result,
        steps: result.steps.map(({ top: [first] }) => ({
          top: first ? [first, { id: rival, token: ' w0', logit }] : [],
        })),
      })),
    });
    const expected = expecting(finishedRun([[5, 0, 7, 8]]));
    const tie = verdictOf(expected, close(0, 7.4921875));
    expect(tie).toMatchObject({ step: 1, margin: 0.0078125, nearTie: true });
    expect(describeVerdict(tie, close(0, 7.4921875))).toBe(
      'Reproduced up to step 1: at token 2, lane 1 (Healthy) chose “ w6” where “ w0” was expected, 0.0078 ahead of its second choice, which is a near-tie (wasm there, webgpu here).',
    );
    // Another token was near, or the one expected was not.
    expect(verdictOf(expected, close(1, 7.4921875))).toMatchObject({ nearTie: false });
    expect(verdictOf(expected, close(0, 7.484375))).toMatchObject({ nearTie: false });
  });

  it('where it ends too soon', () => {
    const found = stopped(
      finishedRun([
        [5, 6],
        [5, 9, 7, 8],
      ]),
      'eos',
      'length',
    );
    const verdict = verdictOf(expecting(RUN), found);
    expect(verdict).toEqual({
      ...parted,
      lane: 0,
      step: 2,
      expected: 7,
      found: null,
      margin: null,
    });
    expect(describeVerdict(verdict, found)).toBe(
      'Reproduced up to step 2: at token 3, lane 1 (Healthy) had ended where “ w7” was expected.',
    );
  });

  it('where it goes on, or ends for another reason', () => {
    const short = stopped(
      finishedRun([
        [5, 6, 7, 8],
        [5, 9],
      ]),
      'length',
      'non-finite',
    );
    const verdict = verdictOf(expecting(short), RUN);
    expect(verdict).toEqual({
      ...parted,
      lane: 1,
      step: 2,
      expected: null,
      found: 7,
      margin: 0.25,
    });
    expect(describeVerdict(verdict, RUN)).toContain('chose “ w7” where its end was expected');
    const ended = stopped(short, 'length', 'eos');
    const other = verdictOf(expecting(short), ended);
    expect(other).toEqual({
      ...parted,
      lane: 1,
      step: 2,
      expected: null,
      found: null,
      margin: null,
    });
    expect(describeVerdict(other, ended)).toBe(
      'Reproduced up to step 2: lane 2 (inv_freq lost: all zeros) ended after token 2 for another reason than expected.',
    );
  });

  it('somewhere after the ids that a link carries', () => {
    const found = finishedRun([[...many(70), 1, ...many(9, 71)], many(80)]);
    const expected = linked(finishedRun([many(80), many(80)]));
    const verdict = verdictOf(expected, found);
    expect(verdict).toEqual({
      ...parted,
      lane: 0,
      step: 64,
      expected: null,
      found: 64,
      beyond: true,
      margin: null,
    });
    expect(describeVerdict(verdict, found)).toBe(
      'Reproduced up to step 64: after token 64, lane 1 (Healthy) differs somewhere from the digest of the tokens expected.',
    );
    // All ids, as a bundle has them, tell where.
    const exact = verdictOf(expecting(finishedRun([many(80), many(80)])), found);
    expect(exact).toMatchObject({ step: 70, expected: 70, found: 1, beyond: false });
  });

  it('from the first token on', () => {
    const verdict = verdictOf(expecting(RUN), finishedRun([[1], [1]]));
    expect(verdict).toMatchObject({ lane: 0, step: 0, expected: 5, found: 1 });
    expect(verdictTitle(verdict)).toBe('Not reproduced');
  });
});

describe('no other verdict is hidden by these', () => {
  it('different model', () => {
    const model = { id: 'nano', sha256: 'deadbeef'.repeat(8) };
    const verdict = verdictOf(linked(RUN), { ...RUN, model });
    expect(verdict).toEqual({
      kind: 'different-model',
      expected: { id: 'nano', sha256: 'c0ffee00c0ffee00' },
      found: model,
    });
    expect(describeVerdict(verdict)).toBe(
      'Different model: expected nano with sha256 c0ffee00c0ffee00; found nano with sha256 deadbeefdeadbeef.',
    );
    // A name makes no model, and the first digits are enough of a hash.
    expect(differentModel(RUN.model, { ...RUN.model, id: 'another name' })).toBeNull();
    expect(differentModel({ id: 'nano', sha256: 'c0ffee00c0ffee00' }, RUN.model)).toBeNull();
    expect(differentModel({ id: 'nano', sha256: '' }, RUN.model)).not.toBeNull();
    expect(
      differentModel({ ...RUN.model, sha256: 'c0ffee00'.repeat(7) + 'c0ffee01' }, RUN.model),
    ).not.toBeNull();
  });

  it('different model: the same weights, held otherwise', () => {
    const packed: FinishedRun = { ...RUN, model: { ...RUN.model, packing: 'int4' } };
    const verdict = verdictOf(linked(RUN), packed);
    expect(verdictTitle(verdict)).toBe('Different model');
    expect(describeVerdict(verdict)).toBe(
      'Different model: expected nano with sha256 c0ffee00c0ffee00; ' +
        'found nano with sha256 c0ffee00c0ffee00, its weights packed to int4.',
    );
    expect(verdictOf(linked(packed), packed)).toEqual({ kind: 'reproduced' });
    expect(differentModel(RUN.model, { ...RUN.model, packing: 'keep' })).toBeNull();
  });

  it('no expectation', () => {
    const verdict = verdictOf({ ...expecting(RUN), expectation: null }, RUN);
    expect(verdict).toEqual({ kind: 'no-expectation' });
    expect(describeVerdict(verdict, RUN)).toMatch(/^Nothing to compare with: .+\.$/);
  });

  it('stopped before its end', () => {
    const found = stopped(
      finishedRun([
        [5, 6, 7],
        [5, 9],
      ]),
      'cancelled',
      'cancelled',
    );
    const verdict = verdictOf(expecting(RUN), found);
    expect(verdict).toEqual({ kind: 'unfinished', steps: 2 });
    expect(describeVerdict(verdict, found)).toBe(
      'Stopped: as expected up to step 2, where it was stopped.',
    );
    // What has parted has parted, however the run ended.
    const other = stopped(finishedRun([[5, 1], [5]]), 'cancelled', 'cancelled');
    expect(verdictOf(expecting(RUN), other)).toMatchObject({ kind: 'parted', step: 1 });
    const beyond = stopped(finishedRun([many(70)], { maxNewTokens: 80 }), 'cancelled');
    expect(verdictOf(linked(finishedRun([many(80)])), beyond)).toEqual({
      kind: 'unfinished',
      steps: 70,
    });
    // It had been stopped just where the other ended by itself: nobody knows whether it would have gone on.
    const there = stopped(RUN, 'eos', 'eos');
    expect(verdictOf(expecting(there), stopped(RUN, 'cancelled', 'cancelled'))).toEqual({
      kind: 'unfinished',
      steps: 4,
    });
  });
});

it('shows names and tokens of strangers on one line', () => {
  const lanes = RUN.lanes.map((lane) => ({ ...lane, name: '\u202Eevil\n' }));
  const found = finishedRun(
    [
      [5, 6, 7, 8],
      [5, 1, 7, 8],
    ],
    { lanes },
  );
  expect(describeVerdict(verdictOf(expecting(RUN), found), found)).toContain(
    'lane 2 (\\u{202e}evil)',
  );
});
