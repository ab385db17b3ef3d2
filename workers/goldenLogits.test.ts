import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HEALTHY_LANE, type LaneSpec } from '../src/core/lanes';
import { layerValues } from '../src/onnx/decoder';
import { readDirectory } from './testing/modelSources';
import {
  decodeIds,
  type DecodedLane,
  forwardIds,
  maxDifference,
  openModel,
  type OpenModel,
} from './testing/referenceDecoding';
import {
  type GoldenCase,
  type GoldenTop,
  sharedMissing,
  sharedModel,
  stories260k,
  tinyOpensci,
} from './testing/sharedModels';

const LOGIT_TOLERANCE = 1e-4;
const ZERO_LANE: LaneSpec = { fault: { kind: 'zero' }, guard: 'none' };

const open = (name: string, options = {}) =>
  openModel(readDirectory(sharedModel(name), ['config.json', 'model.safetensors']), options);

/** Logits of our step against the golden's ten highest. */
function expectTop(lane: DecodedLane | undefined, golden: readonly GoldenTop[]): void {
  golden.forEach((top, step) => {
    expect(top).toHaveLength(10);
    for (const [id, logit] of top) {
      const difference = Math.abs((lane?.logits[step]?.[id] ?? Number.NaN) - logit);
      expect(difference, `step ${step}, id ${id}`).toBeLessThanOrEqual(LOGIT_TOLERANCE);
    }
  });
}

describe.skipIf(sharedMissing).each([
  ['stories260k', 'bos', 'fused'],
  ['stories260k', 'once', 'fused'],
  ['tiny-opensci', undefined, 'fused'],
  ['stories260k', 'bos', 'eager'],
  ['stories260k', 'once', 'eager'],
  ['tiny-opensci', undefined, 'eager'],
] as const)('%s %s against PyTorch, %s attention', (name, prompt, attention) => {
  let model: OpenModel;
  let golden: GoldenCase;
  beforeAll(async () => {
    model = await open(name, { attention });
    golden = prompt ? stories260k().cases[prompt] : tinyOpensci();
  });
  afterAll(() => model.session.release());

  it('gives the same logits within 1e-4 for eight steps, healthy and zero in one batch', async () => {
    const lanes = [HEALTHY_LANE, ZERO_LANE];
    const decoded = await decodeIds(model, golden.prompt_ids, lanes, 8);
    expect(golden.top10_healthy_first8).toHaveLength(8);
    expectTop(decoded[0], golden.top10_healthy_first8);
    expectTop(decoded[1], golden.top10_faulty_first8);
  });

  it('chooses the same 64 tokens, healthy and zero in one batch', async () => {
    const lanes = [HEALTHY_LANE, ZERO_LANE];
    const [healthy, zero] = await decodeIds(model, golden.prompt_ids, lanes, 64);
    expect(golden.greedy_healthy).toHaveLength(64);
    expect(healthy?.ids).toEqual(golden.greedy_healthy);
    expect(zero?.ids).toEqual(golden.greedy_faulty);
  });

  it('chooses the healthy tokens in a zero lane that a guard has mended', async () => {
    const lanes: LaneSpec[] = [
      { fault: { kind: 'zero' }, guard: 'patch5' },
      { fault: { kind: 'zero' }, guard: 'refill' },
    ];
    const decoded = await decodeIds(model, golden.prompt_ids, lanes, 64);
    for (const { ids } of decoded) expect(ids).toEqual(golden.greedy_healthy);
  });
});

describe.skipIf(sharedMissing)('queries and keys of stories260k against PyTorch', () => {
  let model: OpenModel;
  beforeAll(async () => {
    model = await open('stories260k', { taps: true });
  });
  afterAll(() => model.session.release());

  it('differ between the lanes by the same amount after rotation, per layer and position', async () => {
    const { qkv_diff_seq: ids, qkv_absmax_diff_per_layer_per_pos: golden } =
      stories260k().cases.once;
    const { taps } = await forwardIds(model, ids, [HEALTHY_LANE, ZERO_LANE]);
    expect(golden).toHaveLength(5);
    golden.forEach(({ dQ, dK }, layer) => {
      const values = layerValues(layer);
      const pairs = [
        [taps[values.queryAfterRotation], dQ],
        [taps[values.keyAfterRotation], dK],
      ] as const;
      for (const [tap, expected] of pairs) {
        const differences = laneDifferences(tap ?? new Float32Array(), ids.length);
        expect(differences[0]).toBe(0);
        expect(expected[0]).toBe(0);
        differences.forEach((difference, position) => {
          const reference = expected[position] ?? Number.NaN;
          expect(Math.abs(difference - reference)).toBeLessThanOrEqual(1e-3 * reference);
        });
      }
    });
  });

  it('of the first layer are the same in both lanes before rotation: the fault is nowhere else', async () => {
    const { qkv_diff_seq: ids } = stories260k().cases.once;
    const { taps } = await forwardIds(model, ids, [HEALTHY_LANE, ZERO_LANE]);
    const { queryBeforeRotation, keyBeforeRotation } = layerValues(0);
    for (const name of [queryBeforeRotation, keyBeforeRotation]) {
      const differences = laneDifferences(taps[name] ?? new Float32Array(), ids.length);
      expect(differences).toEqual(ids.map(() => 0));
    }
  });
});

/** Of a tap [2 lanes, positions, width]: the largest difference between the lanes at each position. */
function laneDifferences(tap: Float32Array, positions: number): number[] {
  const width = tap.length / 2 / positions;
  const at = (lane: number, position: number) => {
    const row = lane * positions + position;
    return tap.subarray(row * width, (row + 1) * width);
  };
  return Array.from({ length: positions }, (_, p) => maxDifference(at(0, p), at(1, p)));
}
