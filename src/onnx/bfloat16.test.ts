import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { safetensorsFile, type StoredTensor } from '../../workers/testing/safetensorsFile';
import { hasBfloat16, widenBfloat16 } from './bfloat16';
import { parseCheckpoint } from './safetensors';

const stored = fc
  .record({
    dtype: fc.constantFrom('BF16' as const, 'F16' as const, 'F32' as const, 'U8' as const),
    halves: fc.uint16Array({ maxLength: 12 }),
  })
  .map(({ dtype, halves }): StoredTensor => {
    const words = dtype === 'F32' ? halves.slice(0, halves.length & ~1) : halves;
    const bytes = new Uint8Array(words.slice().buffer);
    const size = { BF16: 2, F16: 2, F32: 4, U8: 1 }[dtype];
    return { dtype, shape: [bytes.byteLength / size], bytes };
  });
const names = fc.oneof(
  fc.string({ maxLength: 12 }).filter((name) => name !== '__metadata__'),
  fc.constantFrom('__proto__', 'constructor', 'weight', '2', '1'),
);
const checkpoints = fc.uniqueArray(fc.tuple(names, stored), {
  maxLength: 6,
  selector: ([name]) => name,
});

describe('widenBfloat16', () => {
  it('gives each bfloat16 as the upper half of a float32, and every other byte as it was', () => {
    fc.assert(
      fc.property(checkpoints, (entries) => {
        const file = safetensorsFile(new Map(entries));
        const widened = widenBfloat16(parseCheckpoint(file), file);
        const { tensors } = parseCheckpoint(widened);
        expect(new Set(tensors.keys())).toEqual(new Set(entries.map(([name]) => name)));
        for (const [name, { dtype, shape, bytes }] of entries) {
          const { offset = 0, length = 0, ...found } = tensors.get(name) ?? {};
          const data = widened.slice(offset, offset + length);
          expect(found).toMatchObject({ dtype: dtype === 'BF16' ? 'F32' : dtype, shape });
          if (dtype !== 'BF16') {
            expect(data).toEqual(bytes);
            continue;
          }
          const halves = new Uint16Array(bytes.slice().buffer);
          const words = new Uint32Array(data.buffer);
          expect([...words]).toEqual([...halves].map((half) => half * 0x10000));
        }
      }),
      { numRuns: 300 },
    );
  });

  it('aligns the data to eight bytes, as other readers like it', () => {
    fc.assert(
      fc.property(checkpoints, (entries) => {
        const file = safetensorsFile(new Map(entries));
        expect(parseCheckpoint(widenBfloat16(parseCheckpoint(file), file)).dataStart % 8).toBe(0);
      }),
    );
  });

  it('is called for only where there is a bfloat16', () => {
    const tensor = (dtype: StoredTensor['dtype']) =>
      parseCheckpoint(
        safetensorsFile(new Map([['a', { dtype, shape: [2], bytes: new Uint8Array(4) }]])),
      );
    expect(hasBfloat16(tensor('BF16'))).toBe(true);
    expect(hasBfloat16(tensor('F16'))).toBe(false);
  });
});
