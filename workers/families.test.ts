import { readdirSync, readFileSync } from 'node:fs';
import { fromBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { HEALTHY_LANE, type LaneSpec } from '../src/core/lanes';
import { parseConfig } from '../src/onnx/config';
import { buildDecoder, PLAYGROUND_GRAPH } from '../src/onnx/decoder';
import { ModelProtoSchema } from '../src/onnx/proto/onnx_pb';
import { parseCheckpoint } from '../src/onnx/safetensors';
import { traceWidth } from '../src/onnx/trace';
import { PIECE_TOKENS } from './prefill';
import {
  decodeIds,
  forwardIds,
  maxDifference,
  openModel,
  type OpenModel,
} from './testing/referenceDecoding';

const DIRECTORY = new URL('../training/golden/families/', import.meta.url);
const LANES: LaneSpec[] = [HEALTHY_LANE, { fault: { kind: 'zero' }, guard: 'none' }];

/** What transformers computed: see training/family_golden.py. */
interface GoldenLane {
  /** Of the last positions of the prompt, [positions][vocab]. */
  readonly logits: readonly (readonly number[])[];
  readonly greedy: readonly number[];
}
interface Golden {
  readonly ids: readonly number[];
  readonly healthy: GoldenLane;
  readonly zero: GoldenLane;
}

const file = (name: string, path: string) => readFileSync(new URL(`${name}/${path}`, DIRECTORY));

function open(name: string, attention: 'fused' | 'eager', logits: 'last' | 'all') {
  const files = {
    'config.json': file(name, 'config.json'),
    'model.safetensors': file(name, 'model.safetensors'),
  };
  return openModel(files, { ...PLAYGROUND_GRAPH, attention, logits });
}

/** The last positions' logits, from a graph that gives all. */
async function lastLogits(model: OpenModel, golden: Golden, positions: number) {
  const { logits, taps } = await forwardIds(model, golden.ids, LANES);
  const tokens = LANES.length * golden.ids.length;
  expect(taps.trace?.length).toBe(tokens * traceWidth(model.config));
  const size = logits.length / LANES.length;
  return LANES.map((_, lane) =>
    logits.slice((lane + 1) * size - positions * model.config.vocabSize, (lane + 1) * size),
  );
}

describe.each(readdirSync(DIRECTORY))('%s', (name) => {
  const golden = JSON.parse(file(name, 'golden.json').toString()) as Golden;
  const expected = [golden.healthy, golden.zero];

  it.each(['fused', 'eager'] as const)('has transformers’ logits, %s', async (attention) => {
    const given = await lastLogits(await open(name, attention, 'all'), golden, 3);
    expected.forEach(({ logits }, lane) => {
      expect(maxDifference(given[lane] ?? [], logits.flat())).toBeLessThan(1e-4);
    });
  });

  it('reads a prompt in pieces, beyond the window, as it does in one', async () => {
    const ids = [golden.ids, golden.ids, golden.ids].flat();
    expect(ids.length).toBeGreaterThan(2 * PIECE_TOKENS);
    const pieces = await decodeIds(await open(name, 'fused', 'last'), ids, LANES, 1);
    const whole = await forwardIds(await open(name, 'eager', 'last'), ids, LANES);
    const size = whole.logits.length / LANES.length;
    pieces.forEach(({ logits: [first] }, lane) => {
      const expected = whole.logits.slice(lane * size, (lane + 1) * size);
      expect(maxDifference(first ?? [], expected)).toBeLessThan(1e-4);
    });
  });

  it.each(['fused', 'eager'] as const)('chooses transformers’ tokens, %s', async (attention) => {
    const model = await open(name, attention, 'last');
    const decoded = await decodeIds(model, golden.ids, LANES, golden.healthy.greedy.length);
    expect(decoded.map(({ ids }) => ids)).toEqual(expected.map(({ greedy }) => greedy));
  });
});

describe('the inputs of a graph', () => {
  const inputs = (name: string) => {
    const bytes = file(name, 'model.safetensors');
    const config = parseConfig(file(name, 'config.json').toString());
    const { graph } = fromBinary(ModelProtoSchema, buildDecoder(config, parseCheckpoint(bytes)));
    const values = graph?.input.filter((input) => input.name.includes('_cache')) ?? [];
    return values.map((input) => [
      input.name,
      input.type?.value.value?.shape?.dim.map(({ value }) => value.value),
    ]);
  };

  it.each([
    ['gpt-neox', 2n],
    ['phi3', 3n],
    ['stablelm', 1n],
    ['llama', 4n],
  ])('are tables as wide as what turns: %s', (name, pairs) => {
    expect(inputs(name)).toEqual([
      ['cos_cache', ['rows', pairs]],
      ['sin_cache', ['rows', pairs]],
    ]);
  });

  it('have tables of their own for sliding layers that turn otherwise', () => {
    const names = inputs('gemma3').map(([name]) => name);
    expect(names).toEqual(['cos_cache', 'sin_cache', 'cos_cache_local', 'sin_cache_local']);
  });
});
