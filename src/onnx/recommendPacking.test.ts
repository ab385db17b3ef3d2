import { describe, expect, it } from 'vitest';
import { type PackingRoom, recommendPacking } from './recommendPacking';

const GIB = 2 ** 30;
const room = (changes: Partial<PackingRoom> = {}): PackingRoom => ({
  executionProvider: 'webgpu',
  maxBufferSize: 2 * GIB,
  shaderF16: true,
  memory: 16 * GIB,
  ...changes,
});

/** A model of so many GiB in float32, a tenth of it in its largest tensor. */
const recommend = (gib: number, where: PackingRoom) =>
  recommendPacking(
    (
      [
        ['keep', 1],
        ['float16', 1 / 2],
        ['int4', 1 / 6],
      ] as const
    ).map(([packing, share]) => ({
      packing,
      memoryBytes: gib * GIB * share,
      largestBytes: (gib * GIB * share) / 10,
    })),
    where,
  );

describe('recommendPacking', () => {
  it.each([
    ['what fits stays', 1, {}, 'keep'],
    ['exactly a quarter of the memory fits', 4, {}, 'keep'],
    ['more than a quarter is halved', 4.1, {}, 'float16'],
    ['more than half is packed tighter', 8.1, {}, 'int4'],
    ['where nothing is comfortable, the smallest', 30, {}, 'int4'],
    ['a phone', 2, { memory: 4 * GIB }, 'float16'],
    ['memory unknown: as with 4 GiB', 1.1, { memory: null }, 'float16'],
    ['a buffer that is too small for keep', 4, { maxBufferSize: GIB / 4 }, 'float16'],
    ['no halves in shaders', 6, { shaderF16: false }, 'int4'],
    ['halves in shaders unknown', 6, { shaderF16: null }, 'int4'],
    ['on WASM shaders do not matter', 5, { executionProvider: 'wasm', shaderF16: null }, 'float16'],
    ['a heap that is too small for keep', 4, { executionProvider: 'wasm' }, 'float16'],
  ] as const)('%s', (_, gib, changes, packing) => {
    const { recommended, obstacles, reason } = recommend(gib, room(changes));
    expect(recommended).toBe(packing);
    expect(obstacles[packing]).toBeNull();
    expect(reason).toMatch(/^[A-Z].*\.$/);
  });

  it.each([
    [
      'keep',
      100,
      { maxBufferSize: null },
      /needs 100\.00 GiB, and this machine has about 16\.00 GiB/,
    ],
    [
      'keep',
      4,
      { executionProvider: 'wasm' },
      /needs 4\.00 GiB at least, and a WASM heap has 4 GiB/,
    ],
    ['keep', 10, { maxBufferSize: GIB / 2 }, /largest tensor needs 1\.00 GiB.*hold 0\.50 GiB/],
    ['float16', 1, { shaderF16: false }, /have no half precision/],
    ['float16', 1, { shaderF16: null }, /not known whether.*half precision/],
  ] as const)('says what stands in the way of %s', (packing, gib, changes, sentence) => {
    expect(recommend(gib, room(changes)).obstacles[packing]).toMatch(sentence);
  });

  it('says why nothing fits: what stands in the way of the smallest', () => {
    const { recommended, reason, obstacles } = recommend(200, room({ maxBufferSize: null }));
    expect(recommended).toBe('int4');
    expect(obstacles.int4).toMatch(/needs 33\.33 GiB/);
    expect(reason).toBe(
      `It does not fit on this machine, not even in 4-bit blocks. ${obstacles.int4}`,
    );
  });
});
