import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BLOCK_SIZE, blockScales, int4Sizes, quantizeRows } from './quantization';

interface Packed {
  readonly data: Uint8Array;
  readonly scales: Float32Array;
}

function pack(values: Float32Array, columns: number): Packed {
  const { dataBytes, scaleBytes } = int4Sizes([values.length / columns, columns]);
  const data = new Uint8Array(dataBytes);
  const scales = new Float32Array(scaleBytes / 4);
  blockScales(values, columns, scales);
  quantizeRows(values, columns, data);
  return { data, scales };
}

/** Integer of the value at `column` of `row`, of rows that are filled up to whole blocks. */
function integerAt({ data }: Packed, columns: number, row: number, column: number): number {
  const { blocks } = int4Sizes([1, columns]);
  const at = row * blocks * BLOCK_SIZE + column;
  const byte = data[at >> 1] ?? Number.NaN;
  return at % 2 === 0 ? byte & 15 : byte >> 4;
}

function scaleAt({ scales }: Packed, columns: number, row: number, column: number): number {
  const { blocks } = int4Sizes([1, columns]);
  return scales[row * blocks + Math.floor(column / BLOCK_SIZE)] ?? Number.NaN;
}

const unpacked = (packed: Packed, columns: number, row: number, column: number) =>
  scaleAt(packed, columns, row, column) * (integerAt(packed, columns, row, column) - 8);

const matrix = fc
  .record({ rows: fc.integer({ min: 1, max: 4 }), columns: fc.integer({ min: 1, max: 100 }) })
  .chain(({ rows, columns }) =>
    fc.record({
      columns: fc.constant(columns),
      values: fc.float32Array({
        minLength: rows * columns,
        maxLength: rows * columns,
        noNaN: true,
        noDefaultInfinity: true,
      }),
    }),
  );

describe('quantizeRows and blockScales', () => {
  it('come within half a scale of every value, and within one on the side that ends early', () => {
    fc.assert(
      fc.property(matrix, ({ values, columns }) => {
        const packed = pack(values, columns);
        values.forEach((value, i) => {
          const [row, column] = [Math.floor(i / columns), i % columns];
          const scale = scaleAt(packed, columns, row, column);
          // Eight steps lie on the extreme's side, and seven on the other.
          const steps = value / scale > 7 ? 1 : 0.5;
          // A scale near the smallest float is itself rounded by as much as that.
          const slack = Math.abs(value) * 1e-6 + 8 * 2 ** -149;
          const error = Math.abs(unpacked(packed, columns, row, column) - value);
          expect(error).toBeLessThanOrEqual(Math.abs(scale) * steps + slack);
        });
      }),
      { numRuns: 300 },
    );
  });

  it('give the value of the largest magnitude back as it was', () => {
    fc.assert(
      fc.property(matrix, ({ values, columns }) => {
        const row = Float32Array.from(values.subarray(0, columns), (x) =>
          Math.abs(x) < 1e-30 ? 0 : x,
        );
        const packed = pack(row, columns);
        for (let from = 0; from < columns; from += BLOCK_SIZE) {
          const block = [...row.subarray(from, from + BLOCK_SIZE)];
          const extreme = Math.max(...block.map(Math.abs));
          const back = block.map((_, i) => unpacked(packed, columns, 0, from + i));
          expect(Math.max(...back.map(Math.abs))).toBe(extreme);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('lay the first of two integers in the lower half of a byte, and fill the last block with zeros', () => {
    const values = Float32Array.from({ length: 35 }, (_, i) => (i < 32 ? (i % 16) - 8 : i - 40));
    const { data, scales } = pack(values, 35);
    expect([...scales]).toEqual([1, 1]);
    expect([...data.subarray(0, 8)]).toEqual([0x10, 0x32, 0x54, 0x76, 0x98, 0xba, 0xdc, 0xfe]);
    // −8, −7, −6, and nothing more.
    expect([...data.subarray(16)]).toEqual([0x10, 0x82, ...Array.from({ length: 14 }, () => 0x88)]);
  });

  it('leave a block of zeros at zero', () => {
    const packed = pack(new Float32Array(64), 64);
    expect(packed.scales.every((scale) => scale === 0)).toBe(true);
    expect(packed.data.every((byte) => byte === 0x88)).toBe(true);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    'keep a block with %s from looking like numbers, and no other',
    (odd) => {
      for (const at of [0, 13, 31]) {
        const values = Float32Array.from({ length: 96 }, (_, i) => Math.cos(i));
        values[32 + at] = odd;
        const packed = pack(values, 96);
        const back = Array.from(values, (_, i) => unpacked(packed, 96, 0, i));
        expect(back.map(Number.isNaN)).toEqual(back.map((_, i) => i >= 32 && i < 64));
      }
    },
  );
});
