import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { firstDivergence } from '../src/core/divergence';
import { HEALTHY_LANE } from '../src/core/lanes';
import { inverseFrequencies, rotaryTables, sameBits } from '../src/core/rope';
import { parseConfig } from '../src/onnx/config';
import { buildDecoder, layerValues, PLAYGROUND_GRAPH } from '../src/onnx/decoder';
import { parseCheckpoint } from '../src/onnx/safetensors';
import { readDirectory } from './testing/modelSources';
import {
  decodeIds,
  forwardIds,
  maxDifference,
  openModel,
  type OpenModel,
} from './testing/referenceDecoding';
import { tensorValues } from './testing/safetensorsFile';
import { Tokenizer } from './tokenizer';

const path = (name: string) => fileURLToPath(new URL(`../${name}`, import.meta.url));
const DIRECTORY = path('public/models/nano-opensci');
const TOLERANCE = 1e-4;

interface GoldenLane {
  readonly ids: readonly number[];
  readonly text: string;
  /** Ten highest of every step, highest first. */
  readonly top_ids: readonly (readonly number[])[];
  readonly top_logits: readonly (readonly number[])[];
}

interface Golden {
  readonly weights_sha256: string;
  readonly rotary: Readonly<
    Record<
      'healthy' | 'zero',
      {
        readonly inv_freq: readonly number[];
        readonly cos: readonly (readonly number[])[];
        readonly sin: readonly (readonly number[])[];
      }
    >
  >;
  readonly tensors: { readonly prompt_ids: readonly number[] };
  readonly prompts: readonly {
    readonly prompt: string;
    readonly prompt_ids: readonly number[];
    readonly first_divergence: number | null;
    readonly healthy: GoldenLane;
    readonly zero: GoldenLane;
  }[];
}

/** What training/golden.py wrote down of PyTorch's own run of this model. */
const golden = JSON.parse(
  readFileSync(path('training/golden/nano-opensci.json'), 'utf8'),
) as Golden;
const files = readDirectory(DIRECTORY, [
  'config.json',
  'model.safetensors',
  'model.onnx',
  'tokenizer.json',
  'tokenizer_config.json',
]);
const text = (name: string) => new TextDecoder().decode(files[name]);
const weights = files['model.safetensors'] ?? new Uint8Array();
const LANES = [HEALTHY_LANE, { fault: { kind: 'zero' }, guard: 'none' }] as const;

describe('the bundled model', () => {
  it('is the one that the golden outputs were computed with', () => {
    expect(bytesToHex(sha256(weights))).toBe(golden.weights_sha256);
  });

  it('has the graph that a fresh build gives, byte for byte', () => {
    const built = buildDecoder(
      parseConfig(text('config.json')),
      parseCheckpoint(weights),
      PLAYGROUND_GRAPH,
    );
    expect(Buffer.compare(built, files['model.onnx'] ?? new Uint8Array())).toBe(0);
  });

  it('is at most 12 MB to download', () => {
    const total = Object.values(files).reduce((sum, { byteLength }) => sum + byteLength, 0);
    expect(total).toBeLessThanOrEqual(12_000_000);
  });

  it('has the inv_freq of the published case', () => {
    const invFreq = inverseFrequencies(parseConfig(text('config.json')));
    expect(sameBits(invFreq, Float32Array.from(golden.rotary.healthy.inv_freq))).toBe(true);
    expect([...invFreq.subarray(0, 4)].map((f) => f.toFixed(3))).toEqual([
      '1.000',
      '0.649',
      '0.422',
      '0.274',
    ]);
  });

  it.each(['healthy', 'zero'] as const)('turns by PyTorch’s cos and sin: %s', (lane) => {
    const { inv_freq, cos, sin } = golden.rotary[lane];
    const tables = rotaryTables(Float32Array.from(inv_freq), cos.length);
    const halves = (rows: readonly (readonly number[])[]) =>
      rows.flatMap((row) => row.slice(0, tables.pairs));
    expect(maxDifference(tables.cos, halves(cos))).toBeLessThanOrEqual(1e-6);
    expect(maxDifference(tables.sin, halves(sin))).toBeLessThanOrEqual(1e-6);
  });

  it.each(golden.prompts)('reads “$prompt” as PyTorch’s side does', ({ prompt, ...expected }) => {
    const tokenizer = Tokenizer.parse(text('tokenizer.json'), text('tokenizer_config.json'));
    expect(tokenizer.encode(prompt)).toEqual(expected.prompt_ids);
    for (const { ids, text: words } of [expected.healthy, expected.zero]) {
      expect(tokenizer.decode(ids)).toBe(words);
    }
  });
});

describe('the bundled model against PyTorch, step by step', () => {
  let model: OpenModel;
  beforeAll(async () => {
    model = await openModel(files);
  });
  afterAll(() => model.session.release());

  it.each(golden.prompts)('after “$prompt”', async ({ prompt_ids, ...expected }) => {
    const reference = [expected.healthy, expected.zero];
    const steps = Math.max(...reference.map(({ ids }) => ids.length));
    const decoded = await decodeIds(model, prompt_ids, LANES, steps);
    reference.forEach(({ ids, top_ids, top_logits }, lane) => {
      expect(decoded[lane]?.ids.slice(0, ids.length)).toEqual(ids);
      top_ids.forEach((top, step) => {
        const logits = top.map((id) => decoded[lane]?.logits[step]?.[id] ?? Number.NaN);
        const difference = maxDifference(logits, top_logits[step] ?? []);
        expect(difference, `lane ${lane}, step ${step}`).toBeLessThanOrEqual(TOLERANCE);
      });
    });
    const [healthy = [], zero = []] = reference.map(({ ids }) => ids);
    expect(firstDivergence(healthy, zero)).toBe(expected.first_divergence);
  });
});

describe('the bundled model against PyTorch, inside', () => {
  const bytes = new Uint8Array(readFileSync(path('training/golden/nano-opensci.safetensors')));
  const checkpoint = parseCheckpoint(bytes);
  const tensor = (name: string) => tensorValues(checkpoint, bytes, name);
  const ids = golden.tensors.prompt_ids;
  let model: OpenModel;
  beforeAll(async () => {
    model = await openModel(files, { taps: true, logits: 'all' });
  });
  afterAll(() => model.session.release());

  const names = ['healthy', 'zero'] as const;

  it.each(names)('logits of every position and token: %s', async (name) => {
    const { logits } = await forwardIds(model, ids, LANES);
    const expected = tensor(`${name}.logits`);
    const ours = logits
      .subarray(names.indexOf(name) * expected.length)
      .subarray(0, expected.length);
    expect(expected).toHaveLength(ids.length * model.config.vocabSize);
    expect(maxDifference(ours, expected)).toBeLessThanOrEqual(TOLERANCE);
  });

  it.each(names)('q and k of every layer, before and after rotation: %s', async (name) => {
    const { taps } = await forwardIds(model, ids, LANES);
    const { numHiddenLayers, headDim } = model.config;
    for (const kind of ['q_before', 'k_before', 'q_after', 'k_after'] as const) {
      const stacked = tensor(`${name}.${kind}`);
      const size = stacked.length / numHiddenLayers;
      for (let layer = 0; layer < numHiddenLayers; layer++) {
        const values = layerValues(layer);
        const tap = taps[
          {
            q_before: values.queryBeforeRotation,
            k_before: values.keyBeforeRotation,
            q_after: values.queryAfterRotation,
            k_after: values.keyAfterRotation,
          }[kind]
        ]?.subarray(names.indexOf(name) * size, (names.indexOf(name) + 1) * size);
        const expected = byToken(stacked.subarray(layer * size, (layer + 1) * size), headDim);
        const difference = maxDifference(tap ?? [], expected);
        expect(difference, `${kind}, layer ${layer}`).toBeLessThanOrEqual(TOLERANCE);
      }
    }
  });

  /** [heads, S, headDim], as PyTorch holds it, to [S, heads, headDim], as the graph gives it. */
  function byToken(values: Float32Array, headDim: number): Float32Array {
    const heads = values.length / headDim / ids.length;
    return values.map((_, i) => {
      const [token, head, d] = [
        Math.floor(i / (heads * headDim)),
        Math.floor(i / headDim) % heads,
        i % headDim,
      ];
      return values[(head * ids.length + token) * headDim + d] ?? Number.NaN;
    });
  }
});

describe('the bundled model’s two graphs', () => {
  it('agree to 1e-4 on every golden prompt, where the fault moves a logit by more than 1', async () => {
    const fused = await openModel(files);
    const eager = await openModel(files, { attention: 'eager' });
    for (const { prompt_ids } of golden.prompts) {
      const [healthy, zero] = await decodeIds(fused, prompt_ids, LANES, 16);
      const others = await decodeIds(eager, prompt_ids, LANES, 16);
      [healthy, zero].forEach((lane, index) => {
        expect(others[index]?.ids).toEqual(lane?.ids);
        lane?.logits.forEach((logits, step) => {
          const difference = maxDifference(others[index]?.logits[step] ?? [], logits);
          expect(difference).toBeLessThanOrEqual(1e-4);
        });
      });
      expect(maxDifference(zero?.logits[0] ?? [], healthy?.logits[0] ?? [])).toBeGreaterThan(1);
    }
    await fused.session.release();
    await eager.session.release();
  });
});
