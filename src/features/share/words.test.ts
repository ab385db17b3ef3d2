import { describe, expect, it } from 'vitest';
import { appError } from '../../core/errors';
import type { ModelSurvey } from '../../protocol/models';
import type { Parted, Verdict } from '../../repro/verdict';
import type { Judgement } from '../../state/judgement';
import type { Opened, RunRecord } from '../../state/run';
import { wordsOf } from './words';

const opened = {
  repro: { model: { id: 'nano', sha256: 'aa' } },
  from: 'link',
} as unknown as Opened;

const token = (id: number, text: string, top: readonly (readonly [number, string])[] = []) => ({
  id,
  text,
  label: text === '' ? '<|end|>' : text,
  top: top.map(([topId, name]) => ({ id: topId, token: name, logit: 1 })),
});

const record = {
  prompt: [token(1, 'The')],
  lanes: [
    { spec: { fault: { kind: 'none' }, guard: 'none' }, steps: [token(7, ' Paris')] },
    {
      spec: { name: 'lost\u202e', fault: { kind: 'zero' }, guard: 'none' },
      steps: [token(7, ' Paris', [[9, ' is']]), token(0, '')],
    },
  ],
} as unknown as RunRecord;

const said = (verdict: Verdict, allTheSame: Verdict | null = null) => {
  const judgement: Judgement = { status: 'judged', verdict, allTheSame, record };
  return wordsOf({ status: 'run', opened }, judgement);
};

const parted = (changed: Partial<Parted> = {}): Parted => ({
  kind: 'parted',
  lane: 1,
  step: 1,
  expected: 9,
  found: 7,
  beyond: false,
  margin: 0.25,
  nearTie: false,
  executionProvider: { expected: 'wasm', found: 'webgpu' },
  ...changed,
});

describe('the words for a verdict', () => {
  it('name lane, tokens by text and id, and margin where it parts', () => {
    expect(said(parted())).toEqual({
      tone: 'bad',
      sign: '≠ ',
      title: 'Reproduced up to step 1',
      detail:
        'At token 2 of lane 2 (lostU+202E): expected “·is” (id 9), found “·Paris” (id 7), which is 0.2500 ahead of the next.',
    });
  });

  it('name a token by its id, or by its label, where there is no text', () => {
    const { detail } = said(parted({ expected: 1234, found: 0, margin: null }));
    expect(detail).toContain('expected id 1234, found “<|end|>” (id 0).');
  });

  it('call a near-tie one, and say where each side ran', () => {
    const { title, detail } = said(parted({ nearTie: true }));
    expect(title).toBe('Reproduced up to step 1: a near-tie');
    expect(detail).toContain('(WASM there, WebGPU here)');
    const alike = { expected: 'wasm', found: 'wasm' } as const;
    expect(said(parted({ nearTie: true, executionProvider: alike })).detail).toContain(
      '(both on WASM)',
    );
  });

  it.each([
    [{ found: null, margin: null }, 'expected “·is” (id 9), found its end.'],
    [{ expected: null }, 'expected its end, found “·Paris” (id 7)'],
    [{ expected: null, found: null }, 'After token 1, lane 2 (lostU+202E) ended for another'],
    [{ beyond: true }, 'Somewhere after token 1, lane 2 (lostU+202E) differs'],
  ])('tell ends and digests apart: %o', (changed, text) => {
    expect(said(parted(changed)).detail).toContain(text);
  });

  it('name both models, and what came of it all the same', () => {
    const model = (digit: string) => ({ id: 'nano', sha256: digit.repeat(64) });
    const verdict = { kind: 'different-model', expected: model('a'), found: model('b') } as const;
    const { title, detail } = said(verdict, { kind: 'reproduced' });
    expect(title).toBe('Different model');
    expect(detail).toContain(
      `nano, sha256 ${'a'.repeat(16)}; here it is nano, sha256 ${'b'.repeat(16)}.`,
    );
    expect(detail).toContain('Run all the same: reproduced.');
  });
});

describe('the words for what was not run', () => {
  it('give a refused link’s message and its next step', () => {
    const error = appError('link-invalid', 'The link is damaged.');
    const { detail } = wordsOf({ status: 'refused', error }, null);
    expect(detail).toContain(`The link is damaged. ${error.action}`);
  });

  it('say why, and that nothing was run', () => {
    const error = appError('model-not-found', 'It was made with “\u202ex”.');
    const { title, detail } = wordsOf({ status: 'impossible', opened, error }, null);
    expect(title).toBe('Cannot run here');
    expect(detail).toBe(`It was made with “U+202Ex”. Nothing was run. ${error.action}`);
  });

  it('ask for another model, and say that nothing has been fetched', () => {
    const hub = 'https://hub.example.org';
    const reference = { kind: 'hub', hub, id: 'org/nano', revision: 'a'.repeat(40) } as const;
    const asked = wordsOf({ status: 'question', opened, what: { kind: 'hub', reference } }, null);
    expect(asked.title).toBe('It needs another model');
    expect(asked.detail).toContain('Nothing has been fetched');
    const survey = { totalBytes: 300e6, storedBytes: 29e6 } as ModelSurvey;
    const larger = { status: 'question', opened, what: { kind: 'larger', survey } } as const;
    expect(wordsOf(larger, null)).toMatchObject({
      title: 'Its model takes 271.0 MB to download',
      detail: 'The link does not say so. It is fetched and run if you say so.',
    });
  });

  it('tell two packings of the same weights apart', () => {
    const model = { id: 'nano', sha256: 'a'.repeat(64) };
    const repro = { ...opened.repro, model: { ...model, packing: 'int4' as const } };
    const { detail } = wordsOf(
      { status: 'other-weights', opened: { ...opened, repro }, found: model },
      null,
    );
    expect(detail).toContain('its weights packed to int4; here it is nano');
  });

  it('say that a run that failed cannot be judged', () => {
    const error = appError('context-exceeded', 'Too long.');
    const { title, detail } = wordsOf({ status: 'run', opened }, { status: 'failed', error });
    expect([title, detail]).toEqual(['Cannot run here', 'Too long.']);
  });
});
