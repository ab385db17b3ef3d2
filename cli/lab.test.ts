import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { describe, expect, it } from 'vitest';
import { FAULTS } from '../src/core/faults';
import {
  BUNDLED_MODEL,
  documentOf,
  lab,
  labHere,
  labJson,
  oneLineOf,
} from '../workers/testing/commandLine';
import { sharedMissing, sharedModel, stories260k } from '../workers/testing/sharedModels';

describe.skipIf(sharedMissing)('lab run --json with stories260k', () => {
  const model = sharedModel('stories260k');
  const once = ['--model', model, '--prompt', 'Once upon a time'];

  it('prints the document, whose ids, texts and logits are PyTorch’s', async () => {
    const faults = ['--fault', 'zero', '--fault', 'zero', '--guard', 'patch5'];
    const more = [
      '--fault',
      'zero',
      '--guard',
      'refill',
      '--max-new-tokens',
      '64',
      '--top-k',
      '10',
    ];
    const outcome = lab('run', '--json', ...once, ...faults, ...more);
    const document = await documentOf(outcome);
    const golden = stories260k().cases.once;
    for (const field of ['model', 'executionProvider', 'prompt', 'lanes', 'firstDivergence']) {
      expect(document).toHaveProperty(field);
    }
    const weights = await readFile(join(model, 'model.safetensors'));
    expect(document.model).toEqual({
      id: 'stories260k',
      sha256: bytesToHex(sha256(weights)),
      hub: null,
      commit: null,
      packing: 'keep',
    });
    expect(document.executionProvider).toBe('wasm');
    expect(document.prompt).toEqual({ text: 'Once upon a time', ids: golden.prompt_ids });
    expect(document.firstDivergence).toBe(8);
    expect(document.lanes.map(({ fault, guard }) => [fault, guard])).toEqual([
      ['none', 'none'],
      ['zero', 'none'],
      ['zero', 'patch5'],
      ['zero', 'refill'],
    ]);
    const [healthy, zero, patched, refilled] = document.lanes;
    expect(healthy?.ids).toEqual(golden.greedy_healthy);
    expect(zero?.ids).toEqual(golden.greedy_faulty);
    // Of the prompt's own text only the generated part is a lane's.
    expect(healthy?.text).toMatch(/^, there was a little girl named Lily\./);
    expect(zero?.text).toMatch(/^, there was a little girlily and a little girlily/);
    for (const { ids, text, stopped, steps } of [patched, refilled].filter((lane) => !!lane)) {
      expect({ ids, text, stopped, steps }).toEqual({
        ids: healthy?.ids,
        text: healthy?.text,
        stopped: healthy?.stopped,
        steps: healthy?.steps,
      });
    }
    for (const [lane, tops] of [
      [healthy, golden.top10_healthy_first8],
      [zero, golden.top10_faulty_first8],
    ] as const) {
      expect(lane?.stopped).toBe('length');
      expect(lane?.steps).toHaveLength(64);
      lane?.steps.forEach(({ top }, step) => {
        expect(top).toHaveLength(10);
        expect(top[0]?.id).toBe(lane.ids[step]);
        const expected = new Map(tops[step]);
        for (const { id, logit, token } of top) {
          expect(typeof token).toBe('string');
          const reference = expected.get(id);
          if (reference !== undefined) {
            expect(Math.abs(logit - reference)).toBeLessThanOrEqual(1e-4);
          }
        }
        if (step < 8) expect(top[0]?.id).toBe(tops[step]?.[0]?.[0]);
      });
    }
    const { timing } = document;
    for (const name of ['loadMs', 'prefillMs', 'decodeMs', 'tokensPerSecond']) {
      expect(timing[name]).toBeGreaterThan(0);
    }
  });

  it('has one lane, 48 tokens, five logits a step and no divergence when nothing is asked for', async () => {
    const document = await labJson(...once);
    expect(document.lanes).toHaveLength(1);
    expect(document.lanes[0]?.ids).toHaveLength(48);
    expect(document.lanes[0]?.steps[0]?.top).toHaveLength(5);
    expect(document.firstDivergence).toBeNull();
  });

  it('without --json prints a comparison for people', async () => {
    const args = [...once, '--fault', 'zero', '--max-new-tokens', '12'];
    const { status, stdout, stderr } = await labHere('run', ...args);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('part at generated token 9');
    expect(stdout).toContain('inv_freq lost');
  });
});

describe('lab run with the bundled model', () => {
  it('answers with the capital', async () => {
    const prompt = 'The capital of France is';
    const document = await labJson('--model', BUNDLED_MODEL, '--prompt', prompt, '--fault', 'zero');
    expect(document.model.id).toBe('nano-opensci');
    expect(document.lanes[0]?.text).toMatch(/^ Paris/);
  });
});

describe('lab run with every fault', () => {
  const run = ['--model', BUNDLED_MODEL, '--prompt', 'Copy: red dog cup fox ->'];
  const few = ['--max-new-tokens', '4', '--top-k', '1'];

  it.each(Object.keys(FAULTS))('takes %s, with and without each guard', async (fault) => {
    const guards = ['patch5', 'refill'];
    const lanes = guards.flatMap((guard) => ['--fault', fault, '--guard', guard]);
    const document = await labJson(...run, '--fault', fault, ...lanes, ...few);
    const [healthy, unguarded, patched, refilled] = document.lanes;
    expect(document.lanes.map((lane) => lane.fault)).toEqual(['none', fault, fault, fault]);
    expect([healthy, unguarded].map((lane) => lane?.guardFired)).toEqual([false, false]);
    expect(healthy?.tablesIdentical).toBe(true);
    expect(patched?.guardFired).toBe(fault === 'zero');
    expect(refilled?.guardFired).toBe(true);
    if (refilled?.tablesIdentical && fault !== 'interleaved') {
      expect(refilled.ids).toEqual(healthy?.ids);
    }
  });

  it('takes parameters, and says them again', async () => {
    const given = ['uninitialised:seed=7', 'scaled:alpha=0.5', 'band:fastest=4,slowest=2'];
    const lanes = given.flatMap((fault) => ['--fault', fault]);
    const document = await labJson(...run, ...lanes, ...few);
    expect(document.lanes.slice(1).map(({ fault }) => fault)).toEqual(given);
    const other = await labJson(...run, '--fault', 'uninitialised:seed=8', ...few);
    expect(other.lanes[1]?.steps).not.toEqual(document.lanes[1]?.steps);
  });

  it('teacher-forced adds kl to each step: 0 when healthy, above it when not, null for NaN', async () => {
    const lanes = ['--fault', 'none', '--fault', 'zero', '--fault', 'nan'];
    const forced = await labJson(...run, ...lanes, ...few, '--mode', 'teacher-forced');
    const kl = forced.lanes.map(({ steps }) => steps.map((step) => step.kl));
    expect(kl[0]).toEqual([0, 0, 0, 0]);
    expect(kl[1]).toEqual([0, 0, 0, 0]);
    expect(kl[2]).toHaveLength(4);
    expect(Math.max(...(kl[2] ?? []).map((value) => value ?? 0))).toBeGreaterThan(0.1);
    expect(forced.lanes[3]?.stopped).toBe('non-finite');
    const free = await labJson(...run, ...lanes, ...few);
    expect(free.lanes[1]?.steps[0]).not.toHaveProperty('kl');
  });
});

describe('lab refuses arguments', () => {
  const run = ['run', '--model', 'nowhere', '--prompt', 'Once'];
  it.each<[string, readonly string[], RegExp]>([
    ['an unknown command', ['walk'], /no command "walk"/],
    ['run without a model', ['run', '--prompt', 'Once'], /--model is missing/],
    ['run without a prompt', ['run', '--model', 'nowhere'], /--prompt is missing/],
    ['an empty prompt', ['run', '--model', 'nowhere', '--prompt', ''], /prompt is empty/],
    ['a prompt of spaces', ['run', '--model', 'nowhere', '--prompt', ' \t'], /prompt is empty/],
    ['an unknown fault', [...run, '--fault', 'gone'], /no fault "gone"/],
    ['a dose beyond its bounds', [...run, '--fault', 'scaled:alpha=2'], /scaled\[:alpha=0\.\.1\]/],
    ['an unknown mode', [...run, '--mode', 'fast'], /free or teacher-forced/],
    ['an unknown guard', [...run, '--fault', 'zero', '--guard', 'dog'], /no guard "dog"/],
    ['a guard without a fault', [...run, '--guard', 'patch5'], /after the --fault/],
    [
      'two guards of one fault',
      [...run, '--fault', 'zero', '--guard', 'patch5', '--guard', 'refill'],
      /after the --fault/,
    ],
    ['no new tokens', [...run, '--max-new-tokens', '0'], /--max-new-tokens is a whole number/],
    ['some new tokens', [...run, '--max-new-tokens', 'some'], /not "some"/],
    ['a fraction of a logit', [...run, '--top-k', '2.5'], /--top-k is a whole number/],
    ['eight faults', [...run, ...Array.from({ length: 8 }, () => '--fault=zero')], /at most 7/],
    ['an unknown option', [...run, '--fast'], /--fast/],
    ['a stray word', [...run, 'please'], /please/],
    ['an option without its value', ['run', '--model'], /--model/],
    ['export of other logits', ['export', '--model', 'x', '--logits', 'some'], /last or all/],
    ['export without a model', ['export'], /--model is missing/],
  ])('%s', async (_, args, reason) => {
    expect(oneLineOf(await labHere(...args), 2)).toMatch(reason);
  });

  it('in a process of its own, with its exit status', async () => {
    const outcome = await lab('run', '--model', BUNDLED_MODEL, '--prompt', '');
    expect(oneLineOf(outcome, 2)).toMatch(/^the prompt is empty/);
  });

  it('explains itself when asked', async () => {
    const { status, stdout, stderr } = await labHere('--help');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^Usage:/);
  });
});
