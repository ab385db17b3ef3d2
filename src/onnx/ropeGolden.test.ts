import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { HEALTHY_LANE, stackLanes } from '../core/lanes';
import { inverseFrequencies } from '../core/rope';
import { attentionScaling } from '../core/ropeConfig';
import { readRope, type RopeHead } from './ropeParameters';

/** What `training/rope_golden.py` writes. Tensors are the hexadecimal digits of their float32, the most significant first. */
interface Golden {
  readonly cases: readonly {
    readonly name: string;
    /** config.json, as far as it speaks of rotation. */
    readonly config: Record<string, unknown>;
    readonly head: RopeHead;
    /** Tokens of the first forward, and forwards of one token after it. */
    readonly prompt: number;
    readonly generated: number;
    readonly attention_scaling: number;
    readonly built_with: string;
    /** The different inv_freq of those forwards; rows have indices into it. */
    readonly inv_freqs: readonly string[];
    readonly rows: readonly {
      readonly position: number;
      readonly inv_freq: number;
      readonly cos: string;
      readonly sin: string;
    }[];
  }[];
}

const GOLDEN = JSON.parse(
  readFileSync(new URL('../../training/golden/rope.json', import.meta.url), 'utf8'),
) as Golden;

const hexOf = (values: Float32Array) =>
  Array.from(new Uint32Array(values.slice().buffer), (bits) =>
    bits.toString(16).padStart(8, '0'),
  ).join('');

const floatsOf = (hex: string) =>
  new Float32Array(
    Uint32Array.from(hex.match(/.{8}/g) ?? [], (digits) => parseInt(digits, 16)).buffer,
  );

/** The most float32 values that lie between an entry of one and that of the other. */
function unitsApart(a: Float32Array, b: Float32Array): number {
  expect(a).toHaveLength(b.length);
  const [x, y] = [new Int32Array(a.slice().buffer), new Int32Array(b.slice().buffer)];
  return Math.max(...x.map((bits, i) => Math.abs(bits - (y[i] ?? Number.NaN))));
}

describe.each(GOLDEN.cases)('$name, against transformers', (golden) => {
  const { config, head, prompt, generated } = golden;
  const rope = readRope(config, head);

  it('has its frequencies bit for bit, when built and in every forward, and its attention factor', () => {
    expect(hexOf(inverseFrequencies(rope))).toBe(golden.built_with);
    for (const { position, inv_freq } of golden.rows) {
      const length = Math.max(prompt, position + 1);
      expect(hexOf(inverseFrequencies(rope, length))).toBe(golden.inv_freqs[inv_freq]);
    }
    expect(attentionScaling(rope)).toBe(golden.attention_scaling);
  });

  it('has its cos and sin, but for the last bit', () => {
    const { tables, rotations } = stackLanes([HEALTHY_LANE], rope, prompt + generated, prompt);
    const { pairs } = tables;
    // PyTorch's cosine does not always round to the nearest float32, and a product with the factor may round away once more.
    const most = golden.attention_scaling === 1 ? 1 : 2;
    for (const { position, cos, sin } of golden.rows) {
      const row = [position * pairs, (position + 1) * pairs] as const;
      expect(unitsApart(tables.cos.subarray(...row), floatsOf(cos))).toBeLessThanOrEqual(most);
      expect(unitsApart(tables.sin.subarray(...row), floatsOf(sin))).toBeLessThanOrEqual(most);
    }
    expect(hexOf(rotations[0]?.invFreq ?? new Float32Array())).toBe(golden.inv_freqs[0]);
  });
});

it('covers every type of scaling', () => {
  const types = GOLDEN.cases.map(
    ({ config, head }) => readRope(config, head).ropeScaling?.type ?? 'default',
  );
  expect([...new Set(types)].sort()).toEqual(
    ['default', 'dynamic', 'linear', 'llama3', 'longrope', 'proportional', 'yarn'].sort(),
  );
});
