import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { renderToStaticMarkup } from 'react-dom/server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Engine } from '../../../workers/engine';
import { nodeRuntime } from '../../../workers/nodeRuntime';
import { memorySources, readDirectory } from '../../../workers/testing/modelSources';
import { maxDifference } from '../../../workers/testing/referenceDecoding';
import { tensorValues } from '../../../workers/testing/safetensorsFile';
import { sameBits } from '../../core/rope';
import { parseCheckpoint } from '../../onnx/safetensors';
import { parseLink } from '../../repro/link';
import { createLaboratory, type Laboratory } from '../../state/laboratory';
import { LESSONS } from './lessons';
import { measureApplyRotary } from './lessons/applyRotary';
import { measureAttentionKernel } from './lessons/attentionKernel';
import { measureCosAndSin } from './lessons/cosAndSin';
import { measureEarlyRead } from './lessons/earlyRead';
import { measureEveryIntermediate } from './lessons/everyIntermediate';
import { measureEveryTensor } from './lessons/everyTensor';
import { measureForcedEager } from './lessons/forcedEager';
import { measurePositions } from './lessons/positionByPosition';
import { playgroundLink } from './playgroundLink';
import { MEMORIES, measureRepairs } from './repairs/measureRepairs';
import { traceText } from './traceText';

const path = (name: string) => fileURLToPath(new URL(`../../../${name}`, import.meta.url));
/** As close as the tests of the model itself hold it to PyTorch's numbers. */
const TOLERANCE = 1e-4;

interface GoldenLane {
  readonly ids: readonly number[];
  readonly text: string;
  readonly top_logits: readonly (readonly number[])[];
}

interface Golden {
  readonly rotary: Readonly<
    Record<
      'healthy' | 'zero',
      Readonly<Record<'cos' | 'sin', readonly (readonly number[])[]>> & {
        readonly inv_freq: readonly number[];
      }
    >
  >;
  readonly prompts: readonly {
    readonly prompt: string;
    readonly prompt_ids: readonly number[];
    readonly first_divergence: number | null;
    readonly healthy: GoldenLane;
    readonly zero: GoldenLane;
  }[];
}

const golden = JSON.parse(
  readFileSync(path('training/golden/nano-opensci.json'), 'utf8'),
) as Golden;
const goldenBytes = new Uint8Array(readFileSync(path('training/golden/nano-opensci.safetensors')));
const goldenTensors = parseCheckpoint(goldenBytes);
/** What PyTorch computed for the prompt of the case. */
const tensor = (name: string) => tensorValues(goldenTensors, goldenBytes, name);

const files = readDirectory(path('public/models/nano-opensci'), [
  'config.json',
  'model.safetensors',
  'model.onnx',
  'tokenizer.json',
  'tokenizer_config.json',
]);

function goldenCase() {
  const found = golden.prompts.find(({ prompt }) => prompt === 'The capital of France is');
  if (found === undefined) throw new Error('the golden outputs lack the prompt of the case');
  return found;
}

/** [layers, heads, S, headDim], as PyTorch holds it, at one position: [layers, heads, headDim]. */
function at(name: string, position: number, positions: number, headDim: number): Float32Array {
  const values = tensor(name);
  const heads = values.length / positions / headDim;
  return Float32Array.from({ length: heads * headDim }, (_, i) => {
    const head = Math.floor(i / headDim);
    return values[(head * positions + position) * headDim + (i % headDim)] ?? Number.NaN;
  });
}

let engine: Engine;
let laboratory: Laboratory;

beforeAll(async () => {
  engine = new Engine({
    runtime: nodeRuntime,
    openSource: memorySources({ bundled: files }),
    graph: 'stored',
  });
  laboratory = createLaboratory({ engine, model: { id: 'nano-opensci', location: 'bundled' } });
  await laboratory.model();
});
afterAll(() => engine.dispose());

describe('the lessons’ numbers, against PyTorch’s', () => {
  const { prompt_ids, healthy, zero, first_divergence } = goldenCase();
  const positions = prompt_ids.length;
  const last = positions - 1;

  it('1: one function, the same for the same tables', async () => {
    const numbers = await measureApplyRotary(laboratory);
    const { input, healthyTables, sameTables, lostTables, ownTables } = numbers;
    expect({ input, healthyTables, sameTables, lostTables }).toEqual({
      input: 0,
      healthyTables: 0,
      sameTables: 0,
      lostTables: 0,
    });
    const { headDim, numAttentionHeads } = (await laboratory.model()).config;
    const firstLayer = (name: string) =>
      at(name, last, positions, headDim).subarray(0, numAttentionHeads * headDim);
    const expected = maxDifference(firstLayer('healthy.q_after'), firstLayer('zero.q_after'));
    expect(Math.abs(ownTables - expected)).toBeLessThanOrEqual(2 * TOLERANCE);
    expect(ownTables).toBeGreaterThan(1);
  });

  it('2: an early read raises, and forward has what loading left', async () => {
    const { readings, recomputed, inForward } = await measureEarlyRead(laboratory);
    const formula = Float32Array.from(golden.rotary.healthy.inv_freq);
    expect(sameBits(recomputed, formula)).toBe(true);
    expect(readings['5.x'].get('construct')?.kind).toBe('raises');
    for (const [step, reading] of readings['4.57']) {
      if (step === 'call') continue;
      expect(reading).toEqual({ kind: 'values', values: formula });
    }
    expect(readings['5.x'].get('forward')).toEqual({ kind: 'values', values: inForward });
    expect(sameBits(inForward, formula)).toBe(false);
  });

  it('3: another kernel moves the logits by rounding, the fault by more than 1', async () => {
    const { token, logits, kernel, fault } = await measureAttentionKernel(laboratory);
    expect(healthy.text.startsWith(token)).toBe(true);
    const [fused, eager, lost] = logits;
    expect(Math.abs(fused - (healthy.top_logits[0]?.[0] ?? 0))).toBeLessThanOrEqual(TOLERANCE);
    expect(Math.abs(eager - (healthy.top_logits[0]?.[0] ?? 0))).toBeLessThanOrEqual(TOLERANCE);
    expect(Math.abs(lost - (zero.top_logits[0]?.[0] ?? 0))).toBeLessThanOrEqual(TOLERANCE);
    expect(kernel[0]).toBeGreaterThan(0);
    expect(kernel[1]).toBeLessThanOrEqual(TOLERANCE);
    const vocabulary = tensor('zero.logits').length / positions;
    const atLast = (name: string) => tensor(name).subarray(last * vocabulary);
    const expected = maxDifference(atLast('healthy.logits'), atLast('zero.logits'));
    expect(Math.abs(fault[0] - expected)).toBeLessThanOrEqual(2 * TOLERANCE);
    expect(fault[0]).toBeGreaterThan(1);
    expect(fault[1]).toBeGreaterThanOrEqual(fault[0]);
  });

  it('4: eager attention leaves the faulty lane as it was', async () => {
    const { texts, sameTokens, tokens, kernel, fault } = await measureForcedEager(laboratory);
    expect(texts.healthy).toBe(healthy.text);
    expect(zero.text.startsWith(texts.fused)).toBe(true);
    expect(texts.eager).toBe(texts.fused);
    expect(sameTokens).toBe(tokens);
    expect(tokens).toBeGreaterThan(12);
    expect(kernel).toBeLessThanOrEqual(TOLERANCE);
    expect(fault.eager).toBeGreaterThan(1);
    expect(Math.abs(fault.eager - fault.fused)).toBeLessThanOrEqual(TOLERANCE);
  });

  it('5: every tensor of the file is the same twice, and inv_freq is none of them', async () => {
    const numbers = await measureEveryTensor(laboratory);
    const weights = files['model.safetensors'] ?? new Uint8Array();
    const stored = parseCheckpoint(weights).tensors;
    expect(numbers.pairs).toHaveLength(stored.size);
    for (const { first, equal } of numbers.pairs) {
      const { offset, length } = stored.get(first.name) ?? { offset: 0, length: 0 };
      expect(equal, first.name).toBe(true);
      expect(first.sha256).toBe(bytesToHex(sha256(weights.subarray(offset, offset + length))));
    }
    expect(numbers.unmatched).toBe(0);
    expect(numbers.hasInvFreq).toBe(false);
    expect(numbers.counts).toEqual({
      checkpoint: stored.size,
      withBuffer: stored.size + 1,
      stateDict: stored.size + 1,
    });
    expect(stored.has('lm_head.weight')).toBe(false);
    expect(numbers.healthyLogits).toBe(0);
    expect(numbers.logits).toBeGreaterThan(1);
  });

  it('6: position 0 is exactly the same in every layer, later ones are not', async () => {
    const { prompt, query, key, before } = await measurePositions(laboratory);
    expect(prompt.map(({ id }) => id)).toEqual(prompt_ids);
    const { headDim, numHiddenLayers } = (await laboratory.model()).config;
    expect(before).toEqual(prompt_ids.map(() => 0));
    for (const [name, measured] of [
      ['q_after', query],
      ['k_after', key],
    ] as const) {
      expect(measured).toHaveLength(numHiddenLayers);
      for (let position = 0; position < positions; position++) {
        const [ours, theirs] = ['healthy', 'zero'].map((lane) =>
          at(`${lane}.${name}`, position, positions, headDim),
        );
        const size = (ours?.length ?? 0) / numHiddenLayers;
        measured.forEach((layer, index) => {
          const part = (values?: Float32Array) =>
            (values ?? new Float32Array()).subarray(index * size, (index + 1) * size);
          const expected = maxDifference(part(ours), part(theirs));
          const difference = layer[position] ?? Number.NaN;
          if (position === 0) expect(difference).toBe(0);
          else expect(difference).toBeGreaterThan(0);
          expect(Math.abs(difference - expected)).toBeLessThanOrEqual(2 * TOLERANCE);
        });
      }
    }
  });

  it('7: lost frequencies are the identity, bfloat16 is not', async () => {
    const lanes = await measureCosAndSin(laboratory);
    const [sound, lost, ...rounded] = lanes;
    const row = (name: 'healthy' | 'zero', table: 'cos' | 'sin') =>
      golden.rotary[name][table][1]?.slice(0, sound?.cos.length) ?? [];
    expect(maxDifference(sound?.cos ?? [], row('healthy', 'cos'))).toBeLessThanOrEqual(1e-6);
    expect(maxDifference(sound?.sin ?? [], row('healthy', 'sin'))).toBeLessThanOrEqual(1e-6);
    expect([...(lost?.cos ?? [])]).toEqual(row('zero', 'cos'));
    expect([...(lost?.sin ?? [])]).toEqual(row('zero', 'sin'));
    expect(lost?.parts).toBe(first_divergence);
    expect(lost?.difference).toBeGreaterThan(1);
    expect(rounded).toHaveLength(2);
    for (const lane of rounded) {
      expect(lane.difference).toBeGreaterThan(0);
      expect(lane.difference).toBeLessThan((lost?.difference ?? 0) / 100);
      expect(lane.parts).toBeNull();
      // Far from 1: cos(1) is 0.540…, and a bfloat16 errs by 2⁻⁹ of the value.
      expect(maxDifference(lane.cos, sound?.cos ?? [])).toBeLessThan(0.005);
    }
  });

  it('8: every intermediate is PyTorch’s, and the text has all of it', async () => {
    const numbers = await measureEveryIntermediate(laboratory);
    const { headDim } = numbers.model.config;
    for (const [lane, name] of [
      [0, 'healthy'],
      [1, 'zero'],
    ] as const) {
      const traced = numbers.lanes[lane];
      expect(traced?.positions).toHaveLength(positions);
      traced?.positions.forEach(({ tokenId, query, key, logits }, position) => {
        expect(tokenId).toBe(prompt_ids[position]);
        const near = (tap: string, values: Float32Array) => {
          const expected = at(`${name}.${tap}`, position, positions, headDim);
          expect(maxDifference(values, expected), `${tap} ${position}`).toBeLessThanOrEqual(
            TOLERANCE,
          );
        };
        near('q_before', query.before);
        near('q_after', query.after);
        near('k_before', key.before);
        near('k_after', key.after);
        if (position < last) expect(logits).toBeNull();
        else {
          const all = tensor(`${name}.logits`);
          const expected = all.subarray((last * all.length) / positions);
          expect(maxDifference(logits ?? [], expected)).toBeLessThanOrEqual(TOLERANCE);
        }
      });
    }
    const lines = traceText(numbers, last).split('\n');
    const read = (line: string | undefined) =>
      Float32Array.from(line?.split(': ')[1]?.split(' ') ?? [], Number);
    const third = lines.filter((line) => line.startsWith('q_after layer 1 head 2:'))[1];
    const size = headDim * (1 * numbers.model.config.numAttentionHeads + 2);
    const kept = numbers.lanes[1]?.positions[last]?.query.after.slice(size, size + headDim);
    expect(sameBits(read(third), kept ?? new Float32Array())).toBe(true);
    expect(lines.filter((line) => line.startsWith('logits:'))).toHaveLength(3);
    expect(traceText(numbers, 0)).not.toContain('logits:');
  });

  it('repairs: patch 5 mends exact zeros only; not asking mends all', async () => {
    const numbers = await measureRepairs(laboratory);
    expect(Math.abs(numbers.healthy.logit - (healthy.top_logits[0]?.[0] ?? 0))).toBeLessThanOrEqual(
      TOLERANCE,
    );
    expect(numbers.kernel).toBeLessThanOrEqual(TOLERANCE);
    for (const memory of MEMORIES) {
      const { none, patch5, refill } = numbers.lanes[memory];
      expect(none.guardFired).toBe(false);
      expect(none.difference).toBeGreaterThan(1);
      expect(none.text).not.toBe(numbers.healthy.text);
      const mended = { ...numbers.healthy, difference: 0, guardFired: true };
      expect(refill).toEqual(mended);
      expect(patch5).toEqual(memory === 'zero' ? mended : none);
    }
    expect(zero.text.startsWith(numbers.lanes.zero.none.text)).toBe(true);
    // The same tokens and the same logit as zeros, to five digits: the identity in effect.
    const { none: zeros } = numbers.lanes.zero;
    const { none: tiny } = numbers.lanes.tiny;
    expect(tiny.text).toBe(zeros.text);
    expect(Math.abs(tiny.logit - zeros.logit)).toBeLessThan(1e-4);
  });
});

describe('a lesson', () => {
  it.each(LESSONS)('$slug: says in words and in a table what it measured', async (lesson) => {
    const { happened, details } = await laboratory.inTurn(() => lesson.experiment(laboratory));
    expect(happened).toMatch(/\d/);
    expect(happened).not.toMatch(/undefined|NaN|\[object/);
    const markup = renderToStaticMarkup(details);
    expect(markup).toContain('<table');
    expect(markup).not.toMatch(/undefined|NaN|\[object/);
  });

  it('has a slug of its own, two to four answers, and lanes that a link can carry', async () => {
    const model = await laboratory.model();
    expect(new Set(LESSONS.map(({ slug }) => slug)).size).toBe(8);
    for (const { slug, answers, playground } of LESSONS) {
      expect(slug).toMatch(/^[a-z-]+$/);
      expect(new Set(answers.map(({ id }) => id)).size).toBe(answers.length);
      expect(answers.length).toBeGreaterThanOrEqual(2);
      expect(answers.length).toBeLessThanOrEqual(4);
      const { lanes, view } = playground;
      const link = playgroundLink('https://a.example/site/learn.html#x', model, lanes, view);
      expect(link.startsWith('https://a.example/site/#')).toBe(true);
      const repro = parseLink(link);
      expect(repro.lanes.map(({ fault, guard }) => ({ fault, guard }))).toEqual([
        { fault: { kind: 'none' }, guard: 'none' },
        ...lanes,
      ]);
      expect(repro.view).toBe(view);
      expect(repro.expectation).toBeNull();
      expect(model.sha256.startsWith(repro.model.sha256)).toBe(true);
    }
  });
});
