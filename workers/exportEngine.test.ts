import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HEALTHY_LANE, type LaneSpec } from '../src/core/lanes';
import type { RunRequest } from '../src/protocol/engineApi';
import { Engine } from './engine';
import { nodeRuntime } from './nodeRuntime';
import { listedSource } from './testing/modelSources';
import { byteLevelTokenizer } from './testing/tokenizerFixture';

interface Golden extends Readonly<Record<'healthy' | 'zero', { readonly ids: readonly number[] }>> {
  readonly prompt: readonly number[];
}

const file = (name: string) =>
  new Uint8Array(readFileSync(new URL(`../training/golden/exports/${name}`, import.meta.url)));
const golden = JSON.parse(new TextDecoder().decode(file('golden.json'))) as Golden;
const encode = (text: string) => new TextEncoder().encode(text);
/** The fixture's tokenizer has byte b as id b + 1. */
const PROMPT = String.fromCharCode(...golden.prompt.map((id) => id - 1));
const ZERO: LaneSpec = { fault: { kind: 'zero' }, guard: 'none' };
const FILES = {
  'grouped.onnx': file('grouped.onnx'),
  'tokenizer.json': encode(byteLevelTokenizer()),
};

const engineOf = (files: Readonly<Record<string, Uint8Array>>) =>
  new Engine({
    runtime: nodeRuntime,
    openSource: () => listedSource('mine', files),
    graph: 'stored',
  });

const reference = { kind: 'files', name: 'mine', files: [] } as const;
const load = (engine: Engine) =>
  engine.load({ reference, id: 'mine', executionProvider: 'auto' }, () => undefined);

const request: RunRequest = {
  runId: 1,
  prompt: PROMPT,
  lanes: [HEALTHY_LANE, ZERO],
  maxNewTokens: 12,
  topK: 3,
};

describe('an ONNX export in the engine', () => {
  const engine = engineOf(FILES);
  beforeAll(async () => {
    expect(await load(engine)).toMatchObject({
      ok: true,
      value: { format: 'onnx', packing: 'keep', parameterCount: expect.any(Number) as number },
    });
  });
  afterAll(() => engine.dispose());

  it('is surveyed: what it is, and which constants were its rotation', async () => {
    const survey = await engine.survey({ reference });
    expect(survey).toMatchObject({ ok: true, value: { format: 'onnx', recommended: 'keep' } });
    if (!survey.ok) return;
    expect(survey.value.storedFrequencies).toEqual(['cos_cache', 'sin_cache']);
    expect(survey.value.tensors.length).toBeGreaterThan(10);
    expect(survey.value.packings.map(({ packing }) => packing)).toEqual(['keep']);
  });

  it('says in each lane what PyTorch says, and where they part', async () => {
    const result = await engine.run(request, () => undefined);
    if (!result.ok) throw new Error(result.error.message);
    const { lanes, promptIds, firstDivergence } = result.value;
    expect(promptIds).toEqual(golden.prompt);
    expect(lanes.map(({ ids }) => ids)).toEqual([golden.healthy.ids, golden.zero.ids]);
    const parts = golden.healthy.ids.findIndex((id, i) => id !== golden.zero.ids[i]);
    expect(firstDivergence).toBe(parts < 0 ? null : parts);
    expect((await engine.distributions(1)).ok).toBe(true);
  });

  it('says plainly that it gives no queries and keys, and has no other attention', async () => {
    await engine.run({ ...request, runId: 2 }, () => undefined);
    expect(await engine.capture(2)).toMatchObject({
      ok: false,
      error: { code: 'graph-invalid', message: expect.stringContaining('export') as string },
    });
    const eager = await engine.run({ ...request, runId: 3, attention: 'eager' }, () => undefined);
    expect(eager).toMatchObject({ ok: false, error: { code: 'graph-invalid' } });
  });

  it('reads a prompt of several pieces, and says what it says of one', async () => {
    const other = engineOf({ ...FILES, 'grouped.onnx': file('traced.onnx') });
    await load(other);
    const prompt = PROMPT.repeat(12);
    const long = await other.run({ ...request, prompt, maxNewTokens: 3 }, () => undefined);
    expect(long).toMatchObject({ ok: true, value: { lanes: [{ stopped: 'length' }, {}] } });
    const alone = { ...request, runId: 2, prompt, maxNewTokens: 3, lanes: [HEALTHY_LANE] };
    const single = await other.run(alone, () => undefined);
    if (!long.ok || !single.ok) throw new Error('a run failed');
    expect(single.value.promptIds).toHaveLength(60);
    expect(long.value.lanes[0]).toEqual(single.value.lanes[0]);
    await other.dispose();
  });

  it('takes the end token and the context from config.json', async () => {
    const [first = 0] = golden.healthy.ids;
    const config = { eos_token_id: first, max_position_embeddings: 16 };
    const other = engineOf({ ...FILES, 'config.json': encode(JSON.stringify(config)) });
    await load(other);
    const short = await other.run({ ...request, maxNewTokens: 4 }, () => undefined);
    expect(short).toMatchObject({
      ok: true,
      value: { lanes: [{ ids: [first], stopped: 'eos' }, {}] },
    });
    const result = await other.run(request, () => undefined);
    expect(result).toMatchObject({ ok: false, error: { code: 'context-exceeded' } });
    await other.dispose();
  });

  it.each([
    ['no tokenizer', { 'grouped.onnx': FILES['grouped.onnx'] }, 'tokenizer-missing'],
    ['two graphs', { ...FILES, 'traced.onnx': file('traced.onnx') }, 'files-missing'],
    ['no graph that can be read', { ...FILES, 'grouped.onnx': encode('no graph') }, 'onnx-invalid'],
    ['a config.json that is none', { ...FILES, 'config.json': encode('{') }, 'config-invalid'],
  ])('with %s: an error of its own', async (_, files, code) => {
    expect(await load(engineOf(files))).toMatchObject({ ok: false, error: { code } });
  });
});
