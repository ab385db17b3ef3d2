import { describe, expect, it } from 'vitest';
import { HEALTHY_LANE } from '../../core/lanes';
import type { LaneStep, RunMode, StopReason } from '../../protocol/engineApi';
import type { NamedLane } from '../../state/lanes';
import type { LaneRecord, RunRecord } from '../../state/run';
import { verdictOf } from './verdict';

const LOST: NamedLane = { fault: { kind: 'zero' }, guard: 'none' };
const INV_FREQ = Float32Array.of(1);

function steps(text: string): LaneStep[] {
  return text.split('|').map((word) => ({
    id: word.length,
    text: word,
    label: word,
    top: [
      { id: word.length, token: word, logit: 13.0544 },
      { id: 0, token: 'a', logit: 10.1476 },
    ],
  }));
}

interface Told {
  readonly text?: string;
  readonly spec?: NamedLane;
  readonly stopped?: StopReason;
  readonly guardFired?: boolean;
}

function lane({ text, spec = LOST, stopped = 'length', guardFired = false }: Told): LaneRecord {
  return {
    spec,
    rotation: {
      invFreq: INV_FREQ,
      attentionFactor: 1,
      guardFired,
      pairing: 'halves',
      tablesIdentical: guardFired,
    },
    steps: text === undefined ? [] : steps(text),
    stopped,
  };
}

function record(healthy: string, others: readonly Told[], mode: RunMode = 'free'): RunRecord {
  const stopped = others[0]?.stopped === 'cancelled' ? 'cancelled' : 'length';
  const first = lane({ text: healthy, spec: HEALTHY_LANE, stopped });
  return { settings: { mode }, lanes: [first, ...others.map(lane)] } as unknown as RunRecord;
}

describe('the verdict on two lanes', () => {
  it('says where they part and what each chose there, counted from one', () => {
    expect(verdictOf(record(' Paris|.|x', [{ text: ' Paris| is|x' }]))).toEqual({
      headline: 'The lanes part at generated token 2.',
      lines: [
        { lane: 0, text: 'Healthy: “.”, logit 13.0544, 2.9068 ahead of the next' },
        {
          lane: 1,
          text: 'inv_freq lost: all zeros: “ is”, logit 13.0544, 2.9068 ahead of the next',
        },
      ],
    });
  });

  it('says so if one lane had ended', () => {
    const { lines } = verdictOf(record(' Paris', [{ text: ' Paris| is' }]));
    expect(lines?.[0]?.text).toBe('Healthy: no token, it had ended');
  });

  it('does not take the end of a stopped run for a parting', () => {
    const { headline } = verdictOf(
      record(' Paris', [{ text: ' Paris| is', stopped: 'cancelled' }]),
    );
    expect(headline).toBe('The lanes agree on the one token.');
  });

  it('says why they agree: the guard, no fault, or luck', () => {
    const detail = (told: Told) => verdictOf(record('a|bc', [{ text: 'a|bc', ...told }])).detail;
    expect(detail({ guardFired: true })).toContain('The guard fired');
    expect(detail({ spec: HEALTHY_LANE })).toContain('Nothing was lost');
    expect(detail({})).toContain('the logits are not');
  });

  it('says that logits are not numbers, and where', () => {
    const { headline, lines } = verdictOf(record('a|bc', [{ text: 'a', stopped: 'non-finite' }]));
    expect(headline).toBe('The second lane’s logits are not numbers.');
    expect(lines?.[0]?.text).toContain('NaN at token 2');
  });

  it('speaks of choices if the lanes read the same text', () => {
    const { headline } = verdictOf(record('a|bc', [{ text: 'a|b' }], 'teacher-forced'));
    expect(headline).toBe('The lanes’ choices part at generated token 2.');
  });
});

const GUARDED: NamedLane = { fault: { kind: 'zero' }, guard: 'patch5' };
const MISSED: NamedLane = {
  fault: { kind: 'uninitialised', parameters: { seed: 7 } },
  guard: 'patch5',
};

describe('the verdict on several lanes', () => {
  it('has a line for each, and says what patch 5 mends and what it misses', () => {
    const words = verdictOf(
      record('a|bc|d', [
        { text: 'a|bc|d', spec: GUARDED, guardFired: true },
        { text: 'a|b|d', spec: MISSED },
        { stopped: 'non-finite', spec: { ...LOST, name: 'Mine' } },
      ]),
    );
    expect(words.headline).toBe('2 of 3 lanes part from the healthy one.');
    expect(words.lines?.map(({ text }) => text)).toEqual([
      'inv_freq lost: all zeros, patch 5: agrees on all 3 tokens; patch 5 fired',
      'inv_freq lost: whatever memory held, seed 7, patch 5: parts at token 2, “b” for “bc”; patch 5 stayed silent',
      'Mine: NaN at token 1: its logits are not numbers',
    ]);
    expect(words.lesson).toContain('Patch 5 mends exact zeros and misses the rest');
  });

  it('counts the steps at which a lane that reads the healthy text would choose otherwise', () => {
    const words = verdictOf(
      record('a|bc|d|ef', [{ text: 'a|b|d|e' }, { text: 'a|bc|d|ef' }], 'teacher-forced'),
    );
    expect(words.lines?.map(({ text }) => text)).toEqual([
      'inv_freq lost: all zeros: chooses otherwise at 2 of 4 steps, first at token 2, “b” for “bc”',
      'inv_freq lost: all zeros: agrees on all 4 tokens',
    ]);
  });

  it('is short where all agree or all part', () => {
    const headline = (...texts: string[]) =>
      verdictOf(
        record(
          'a|b',
          texts.map((text) => ({ text })),
        ),
      ).headline;
    expect(headline('a|b', 'a|b')).toBe('Both lanes agree with the healthy one.');
    expect(headline('a|bb', 'aa', 'aaa')).toBe('All 3 lanes part from the healthy one.');
  });
});
