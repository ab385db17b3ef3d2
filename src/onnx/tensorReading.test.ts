import { describe, expect, it } from 'vitest';
import {
  bfloat16Bits,
  bfloat16Value,
  float16Bits,
  float16Value,
} from '../../workers/testing/halfPrecision';
import type { Dtype, TensorEntry } from './safetensors';
import { readValues } from './tensorReading';
import { copiedFile } from './weightFile';

const WIDTHS = { F32: 4, F16: 2, BF16: 2 } as const;
type FloatDtype = keyof typeof WIDTHS;

/** A prime: no chunk and no row begins like another. */
const PERIOD = 4001;
const VALUES = Array.from({ length: PERIOD }, (_, i) =>
  Math.fround(Math.sin(i) * 2 ** ((i % 40) - 20)),
);
const BITS = { F16: VALUES.map(float16Bits), BF16: VALUES.map(bfloat16Bits) };
/** What each dtype keeps of the values, which repeat. */
const EXPECTED = {
  F32: VALUES,
  F16: BITS.F16.map(float16Value),
  BF16: BITS.BF16.map(bfloat16Value),
};

function stored(dtype: FloatDtype, count: number): Uint8Array {
  const once = dtype === 'F32' ? Float32Array.from(VALUES) : Uint16Array.from(BITS[dtype]);
  const bytes = Buffer.alloc(count * WIDTHS[dtype], new Uint8Array(once.buffer));
  return new Uint8Array(bytes);
}

/** A file with the tensor behind `offset` other bytes. */
function fileOf(dtype: Dtype, bytes: Uint8Array, offset: number) {
  const whole = new Uint8Array(offset + bytes.byteLength).fill(0xff, 0, offset);
  whole.set(bytes, offset);
  const reads: number[] = [];
  const file = copiedFile('model.safetensors', whole.byteLength, (at, target) => {
    reads.push(target.byteLength);
    target.set(whole.subarray(at, at + target.byteLength));
  });
  const length = bytes.byteLength;
  const tensor: TensorEntry = { name: 't', file: file.name, dtype, shape: [], offset, length };
  return { tensor, file, reads };
}

describe('readValues', () => {
  it.each(['F32', 'F16', 'BF16'] as const)('widens %s wherever it begins', (dtype) => {
    const bytes = stored(dtype, 1000);
    for (const offset of [0, 1, 2, 3, 5, 8]) {
      const { tensor, file } = fileOf(dtype, bytes, offset);
      const pieces: Float32Array[] = [];
      readValues(tensor, file, 1, (values) => pieces.push(values.slice()));
      expect(pieces).toEqual([Float32Array.from(EXPECTED[dtype].slice(0, 1000))]);
    }
  });

  it.each(['F32', 'F16', 'BF16'] as const)('reads a large %s in pieces of whole rows', (dtype) => {
    const columns = 1009;
    const count = columns * 2200;
    const bytes = stored(dtype, count);
    const { tensor, file, reads } = fileOf(dtype, bytes, 7);
    let next = 0;
    let wrong = 0;
    const expected = EXPECTED[dtype];
    readValues(tensor, file, columns, (values, first) => {
      expect(first).toBe(next);
      expect(values.length % columns).toBe(0);
      for (let i = 0; i < values.length; i++) {
        if (values[i] !== expected[(first + i) % PERIOD]) wrong++;
      }
      next += values.length;
    });
    expect(wrong).toBe(0);
    expect(next).toBe(count);
    expect(reads.length).toBeGreaterThan(1);
    expect(Math.max(...reads)).toBeLessThanOrEqual(4 * 1024 * 1024);
  });

  it('reads nothing of an empty tensor', () => {
    const { tensor, file, reads } = fileOf('F32', new Uint8Array(), 3);
    readValues(tensor, file, 32, () => expect.unreachable());
    expect(reads).toEqual([]);
  });

  it('refuses what is no float of 16 or 32 bits', () => {
    const { tensor, file } = fileOf('I64', new Uint8Array(16), 0);
    expect(() => readValues(tensor, file, 1, () => undefined)).toThrow(/t has the dtype I64/);
  });
});
